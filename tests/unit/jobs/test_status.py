"""The status: connections and sources by the clock, the last runs, and what can be gone back to."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from jobs.cli.status import print_status, status_records
from jobs.errors import JobError
from jobs.publish.run import publish
from jobs.status.run import read_status
from tests.unit.jobs.made_warehouse import Made

NOW = datetime(2026, 5, 4, 12)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = Made(tmp_path)
    delivered = {"status": "Active", "is_receiving": True, "reason": None}
    made.add(
        "rpt_integration_status",
        {"destination": "split", "source": "web", **delivered, "last_delivered_at": NOW},
        {
            "destination": "split", "source": "app", **delivered,
            "last_delivered_at": NOW - timedelta(hours=24, seconds=1),
        },
        {
            "destination": "mutiny", "source": "web", "status": "Inactive", "is_receiving": False,
            "reason": "destination_inactive", "last_delivered_at": None,
        },
    )  # fmt: skip
    made.add(
        "rpt_freshness",
        {
            "source": "web", "last_received_at": NOW - timedelta(minutes=119),
            "delay_p50_seconds": 0.52, "late_messages": 1234,
        },
        {"source": "app", "last_received_at": None, "delay_p50_seconds": None, "late_messages": 0},
    )  # fmt: skip
    for number in range(12):
        made.add(
            "runs",
            {
                "run_id": f"run-{number:02}", "started_at": NOW - timedelta(days=12 - number),
                "finished_at": NOW - timedelta(days=12 - number) + timedelta(seconds=75),
                "outcome": "failed" if number == 11 else "published", "rows_staged": 1000,
                "rows_rejected": 2, "files_staged": 3, "models_built": 7,
                "tables_published": None if number == 11 else 5,
                "error": "disk full" if number == 11 else None,
            },
        )  # fmt: skip
    publish(made.settings)
    publish(made.settings)
    return made


def shown(made: Made) -> list[str]:
    stream = StringIO()
    print_status(Console(file=stream, width=110), read_status(made.settings, NOW), NOW)
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_status_goes_by_the_clock_where_the_publication_goes_by_as_of(made: Made) -> None:
    lines = shown(made)
    assert lines[lines.index("Connections") :][1:4] == [
        "  mutiny  web  Inactive  not receiving: destination_inactive  never",
        "  split   app  Active    not receiving: no_events             1 day ago",
        "  split   web  Active    receiving                            now",
    ]
    assert lines[lines.index("Sources") :][1:3] == [
        "  app  never                         0 late",
        "  web  1 hour ago  0.5 s on the way  1,234 late",
    ]


def test_status_lists_the_last_ten_runs_and_what_a_rollback_goes_to(made: Made) -> None:
    lines = shown(made)
    runs = lines[lines.index("Last runs") :][1:]
    assert [line.split()[0] for line in runs[:10]] == [f"run-{n:02}" for n in range(11, 1, -1)]
    assert runs[0] == (
        "  run-11  2026-05-03 12:00  failed     75 s"
        "  3 files: 1,000 messages, 2 rejected; 7 models; disk full"
    )
    assert runs[10] == ""
    [current, previous] = [line for line in lines if line.startswith("  run-1 ")]
    assert current.endswith("published now")
    assert previous.endswith(read_status(made.settings, NOW).generations[1].file)


def test_status_records_say_what_they_are_about(made: Made) -> None:
    records = list(status_records(read_status(made.settings, NOW)))
    kinds = [record["kind"] for record in records]
    assert kinds == ["connection"] * 3 + ["source"] * 2 + ["run"] * 10 + ["publication"] * 2


def test_status_of_nothing_says_so(tmp_path: Path) -> None:
    made = Made(tmp_path)
    with pytest.raises(JobError, match="lift nightly"):
        read_status(made.settings, NOW)
    publish(made.settings)
    [publication] = read_status(made.settings, NOW).generations
    now = f"{publication.published_at:%Y-%m-%d %H:%M}"
    assert [line for line in shown(made) if line.startswith("  ")] == [
        "  No destination is set up: name one under destinations in lift.yml.",
        "  No source has sent anything.",
        "  No nightly run is recorded.",
        f"  run-1  {now}  published now",
    ]
