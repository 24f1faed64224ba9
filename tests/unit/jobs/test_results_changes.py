"""What changed since the previous publication."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.publication import read_publication
from jobs.publish.run import publish
from jobs.results.changes import Change, find_changes, read_changes
from tests.unit.jobs.made_warehouse import Made

LIFT = "publication.main.fct_experience_lift"


def result(segment: str, status: str, **other: Any) -> dict[str, Any]:
    return {
        "vendor": "mutiny", "experience": "Home", "audience_segment": segment, "period": None,
        "conversion": "signup", "metric": "conversion_rate", "variant": "v1", "is_main": True,
        "status": status, "lift": 0.5, **other,
    }  # fmt: skip


def found(made: Made) -> tuple[bool, list[Change]]:
    with read_publication(made.settings) as con:
        return find_changes(con, made.settings), read_changes(con)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = Made(tmp_path)
    made.add(
        "fct_experience_lift",
        result("(all)", "inconclusive"),
        result("(all)", "inconclusive", period="2026-01-01"),
        result("(all)", "inconclusive", metric="conversions_per_visitor"),
        result("SMB", "inconclusive"),
    )
    return made


def test_changes_need_a_previous_publication(made: Made) -> None:
    publish(made.settings)
    assert found(made) == (False, [])
    publish(made.settings)
    assert found(made) == (True, [])


def test_changes_are_results_with_another_status_new_ones_and_those_that_are_gone(
    made: Made,
) -> None:
    publish(made.settings)
    made.do(f"update {LIFT} set status = 'winner', lift = 0.6 where period is not null")
    made.do(f"update {LIFT} set status = 'loser' where metric = 'conversions_per_visitor'")
    made.do(f"update {LIFT} set lift = 0.7 where audience_segment = '(all)' and period is null")
    made.do(f"delete from {LIFT} where audience_segment = 'SMB'")
    made.add("fct_experience_lift", result("Large", "insufficient_data", lift=None))
    publish(made.settings)
    is_compared, changes = found(made)
    assert is_compared
    assert [
        (one.audience_segment, one.metric, one.status_before, one.status, one.lift_before, one.lift)
        for one in changes
    ] == [
        ("(all)", "conversion_rate", "inconclusive", "winner", 0.5, 0.6),
        ("Large", "conversion_rate", None, "insufficient_data", None, None),
        ("SMB", "conversion_rate", "inconclusive", None, 0.5, None),
        ("(all)", "conversions_per_visitor", "inconclusive", "loser", 0.5, 0.7),
    ]


def test_changes_of_a_publication_that_cannot_be_compared_are_none(made: Made) -> None:
    publish(made.settings)
    publish(made.settings)
    [previous] = (made.settings.publish / "generations").iterdir()
    previous.chmod(0o644)
    previous.write_bytes(b"torn")
    assert found(made) == (False, [])
