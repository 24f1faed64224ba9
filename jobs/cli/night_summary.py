"""What a growth lead reads at the end of the night, from the published file."""

from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.cli.findings import by_check, print_check
from jobs.cli.suggestions import conversion_lines, exposure_lines
from jobs.cli.verdicts import print_results, read_results
from jobs.config import Settings
from jobs.config.pending import FORMATS, pending_settings
from jobs.doctor.run import Finding, read_findings
from jobs.ingest.run import remarks
from jobs.nightly.run import NightReport
from jobs.words import count_of, printable

CHECKS = 6
SUBJECTS = 3
"""Checks that are shown, and subjects of each."""
SEVERITIES = ("error", "warning")


def print_summary(console: Console, settings: Settings, report: NightReport) -> None:
    """Print the verdicts, what was new, what needs attention and where the files are."""
    with duckdb.connect(str(report.publication), read_only=True) as con:
        if results := read_results(con):
            print_results(console, results, settings.statistics.alpha)
        _print_what_is_missing(console, con, settings, has_results=bool(results))
        _print_news(console, con, report)
        _print_attention(console, read_findings(con), pending_settings(settings))
    _print_files(console, settings, report)


def print_profile(console: Console, report: NightReport, rows: int = 15) -> None:
    """Print the seconds of each step and of the slowest models and checks."""
    table = Table(title="Where the time went", title_justify="left", box=None, padding=(0, 2))
    table.add_column("step or model")
    table.add_column("seconds", justify="right")
    for name, seconds in report.record.steps.items():
        table.add_row(Text(name, "bold"), f"{seconds:.2f}")
    build = report.record.build
    slowest = sorted(build.seconds.items(), key=lambda item: -item[1]) if build else []
    for name, seconds in slowest[:rows]:
        table.add_row(f"  {name}", f"{seconds:.2f}")
    console.print(table)


def _print_what_is_missing(
    console: Console, con: duckdb.DuckDBPyConnection, settings: Settings, *, has_results: bool
) -> None:
    """Print the lines that lift.yml lacks before there is a lift to show, from what was landed."""
    if exposures := exposure_lines(con, settings):
        _print_lines(
            console,
            "Some views of experiences count nowhere: exposures in lift.yml does not list their"
            " adapter.",
            "Add the lines to lift.yml, or to the list that it has:",
            ["exposures:", *(f"  {line}" for line in exposures)],
        )
    conversions = [] if settings.conversions else conversion_lines(con)
    if conversions:
        _print_lines(
            console,
            "No conversions are configured, so there is no lift to show.",
            "The likeliest, from what was landed; add the ones that matter to lift.yml:",
            ["conversions:", *(f"  {line}" for line in conversions)],
        )
    if not (has_results or exposures or conversions):
        seen = con.execute("select count(*) from fct_exposures").fetchall()[0][0]
        _print_lines(
            console, f"No lift to show: {seen:,} exposures, no experience to compare.", "", []
        )


def _print_lines(console: Console, fact: str, remedy: str, lines: list[str]) -> None:
    console.print(Text(fact, "bold"), soft_wrap=True)
    for line in [remedy, *(["", *lines] if lines else [])]:
        console.print(Text(line), soft_wrap=True)
    if lines:
        console.print()


def _print_news(console: Console, con: duckdb.DuckDBPyConnection, report: NightReport) -> None:
    ingest = report.record.ingest
    assert ingest is not None
    messages, persons = con.execute(
        "select (select sum(staged) from rpt_reconciliation), (select count(*) from dim_persons)"
    ).fetchall()[0]
    new = (
        f"{ingest.rows_landed:,} rows from {ingest.files_staged:,} new or changed files"
        if ingest.files_staged
        else "nothing new in the landing zone"
    )
    rejected = f", {ingest.rows_rejected:,} rejected" if ingest.rows_rejected else ""
    said = f"{new}{rejected}; {messages or 0:,} messages of {persons:,} persons in all"
    _print_part(console, "New tonight", [said, *remarks(ingest)])
    if joined := report.segments.words():
        where = [f"in {_short(report.segments.file)}"] if report.segments.file else []
        _print_part(console, "Who joined and left segments", [*joined, *where])


def _print_attention(console: Console, findings: list[Finding], pending: list[str]) -> None:
    grave = [alike for alike in by_check(findings) if alike[0].severity in SEVERITIES]
    grave.sort(key=lambda alike: (alike[0].severity, -sum(finding.count for finding in alike)))
    if pending:
        said = f"understood, but changes nothing in this version: {'; '.join(pending)}"
        remedy = "Remove the keys, or leave them for a later version."
        grave.insert(
            0, [Finding("warning", "not_built_yet", len(pending), "lift.yml", said, remedy)]
        )
    if not grave:
        console.print("Nothing needs attention.")
        console.print()
        return
    console.print(Text("What needs attention", "bold"))
    for alike in grave[:CHECKS]:
        print_check(console, alike, SUBJECTS)
    more = f"and {count_of(len(grave) - CHECKS, 'more check')}; " if len(grave) > CHECKS else ""
    console.print(Text(f"{more}all of it: `lift doctor`, or the table dq_findings", "dim"))
    console.print()


def _print_files(console: Console, settings: Settings, report: NightReport) -> None:
    _print_part(
        console,
        "Where it is",
        [
            f"{_short(report.publication)}  (DuckDB: open it read-only, tables are in main)",
            f"{_short(report.exports)}  ({', '.join(_formats(settings))})",
        ],
    )


def _formats(settings: Settings) -> list[str]:
    return [name for name in settings.exports.formats if name not in FORMATS]


def _print_part(console: Console, title: str, lines: list[str]) -> None:
    console.print(Text(title, "bold"))
    for line in lines:
        console.print(Text(f"  {printable(line)}"), soft_wrap=True)
    console.print()


def _short(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
