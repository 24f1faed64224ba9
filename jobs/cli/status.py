"""The status as tables of text, and as records."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from jobs.cli.publish import publication_lines
from jobs.cli.terminal import print_section
from jobs.status.run import Run, Status
from jobs.words import count_of, printable

STYLES = {
    "Active": "green", "Inactive": "yellow", "Not configured": "dim", "published": "green",
    "nothing_new": "green", "failed": "red", "died": "red", "interrupted": "red",
}  # fmt: skip


def print_status(console: Console, status: Status, now: datetime) -> None:
    """Print a section each for connections, sources, runs and earlier publications.

    How long ago something was is as of `now`, the clock, in UTC without a time zone.
    """
    _print_table(
        console,
        "Connections",
        [
            (
                one.destination,
                one.source,
                one.status,
                "receiving" if one.is_receiving else f"not receiving: {one.reason}",
                _ago(one.last_delivered_at, now),
            )
            for one in status.connections
        ],
        "No destination is set up: name one under destinations in lift.yml.",
    )
    _print_table(
        console,
        "Sources",
        [
            (
                one.source,
                _ago(one.last_received_at, now),
                _delay(one.delay_p50_seconds),
                f"{one.late_messages:,} late",
            )
            for one in status.sources
        ],
        "No source has sent anything.",
    )
    _print_table(
        console,
        "Last runs",
        [
            (
                one.run_id,
                f"{one.started_at:%Y-%m-%d %H:%M}",
                one.outcome,
                _seconds(one.started_at, one.finished_at),
                _steps(one),
            )
            for one in status.runs
        ],
        "No nightly run is recorded.",
    )
    print_section(
        console,
        "Publications (lift publish --rollback RUN goes back to one)",
        [line.plain for line in publication_lines(status.generations)],
    )


def status_records(status: Status) -> Iterator[dict[str, Any]]:
    """Yield one record per line of the status; `kind` says what it is about."""
    for kind, found in (
        ("connection", status.connections),
        ("source", status.sources),
        ("run", status.runs),
        ("publication", status.generations),
    ):
        for one in found:
            yield {"kind": kind, **asdict(one)}


def utc_now() -> datetime:
    """Return the clock as the tables have times: UTC, without a time zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def _print_table(console: Console, title: str, rows: Sequence[Sequence[str]], none: str) -> None:
    """Print rows in columns under a title, or a sentence if there are none."""
    console.print(Text(title, "bold"), soft_wrap=True)
    if not rows:
        console.print(Text(f"  {none}"), soft_wrap=True)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = Text("  ")
        for cell, width in zip(row, widths, strict=True):
            line.append(printable(cell).ljust(width + 2), STYLES.get(cell, ""))
        line.rstrip()
        console.print(line, soft_wrap=True)
    console.print()


def _steps(run: Run) -> str:
    """Return how far a run came: what it staged, built and published, or why it ended."""
    if run.files_staged is None:
        return run.error or ""
    steps = [
        f"{run.files_staged:,} files: {count_of(run.rows_staged or 0, 'message')},"
        f" {run.rows_rejected or 0:,} rejected"
    ]
    if run.models_built is not None:
        steps.append(count_of(run.models_built, "model"))
    if run.tables_published is not None:
        steps.append(count_of(run.tables_published, "table"))
    return "; ".join([*steps, *([run.error] if run.error else [])])


def _ago(at: datetime | None, now: datetime) -> str:
    """Return how long ago a moment was, in its largest whole unit."""
    if at is None:
        return "never"
    seconds = (now - at).total_seconds()
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return f"{count_of(int(seconds // size), unit)} ago"
    return "now" if seconds >= 0 else "in the future"


def _delay(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:,.1f} s on the way"


def _seconds(start: datetime, end: datetime | None) -> str:
    return "" if end is None else f"{(end - start).total_seconds():,.0f} s"
