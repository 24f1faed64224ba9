"""The summary of a nightly run for a growth lead, from the published file."""

from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.cli.findings import by_check, print_check
from jobs.cli.suggestions import conversion_lines, exposure_lines
from jobs.cli.terminal import print_section
from jobs.cli.verdicts import print_results, read_results
from jobs.config import Settings
from jobs.config.pending import FORMATS, pending_settings
from jobs.doctor.run import Finding, read_findings
from jobs.ingest.run import remarks
from jobs.nightly.run import NightReport
from jobs.publication import read_publication
from jobs.words import count_of

CHECKS = 6
SUBJECTS = 3
"""How many checks are shown, and subjects of each."""

NOTHING = "Nothing has changed since the last publication; nothing was built or published."

TOTALS = """
select (select sum(staged) from rpt_reconciliation), (select count(*) from dim_persons)
"""


def print_summary(console: Console, settings: Settings, report: NightReport) -> None:
    """Print the verdicts, what was new, what needs attention and where the files are."""
    with read_publication(settings) as con:
        if results := read_results(con):
            print_results(console, results, settings.statistics.alpha)
        _print_what_is_missing(console, con, settings, has_results=bool(results))
        _print_news(console, con, report)
        _print_attention(console, read_findings(con), pending_settings(settings))
    formats = ", ".join(name for name in settings.exports.formats if name not in FORMATS)
    print_section(
        console,
        "Where it is",
        [
            f"{_short(report.publication)}  (DuckDB: open it read-only, tables are in main)",
            f"{_short(report.exports)}  ({formats})",
        ],
    )


def print_profile(console: Console, report: NightReport, rows: int = 15) -> None:
    """Print the seconds of each step, and of the slowest models and checks."""
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
    """Print the lines that `lift.yml` lacks before there is a lift to show."""
    exposures = exposure_lines(con, settings)
    if exposures:
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
            "The likeliest in the landed data; add the ones that matter to lift.yml:",
            ["conversions:", *(f"  {line}" for line in conversions)],
        )
    if not (has_results or exposures or conversions):
        ((count,),) = con.execute("select count(*) from fct_exposures").fetchall()
        fact = f"No lift to show: {count:,} exposures, no experience to compare."
        console.print(Text(fact, "bold"), soft_wrap=True)
        console.print()


def _print_lines(console: Console, fact: str, remedy: str, lines: list[str]) -> None:
    console.print(Text(fact, "bold"), soft_wrap=True)
    for line in [remedy, "", *lines, ""]:
        console.print(Text(line), soft_wrap=True)


def _print_news(console: Console, con: duckdb.DuckDBPyConnection, report: NightReport) -> None:
    ingest = report.record.ingest
    assert ingest is not None
    if not report.is_new:
        print_section(console, "New tonight", [NOTHING, *remarks(ingest)])
        return
    ((messages, persons),) = con.execute(TOTALS).fetchall()
    new = (
        f"{ingest.rows_landed:,} rows from {ingest.files_staged:,} new or changed files"
        if ingest.files_staged
        else "nothing new in the landing zone"
    )
    rejected = f", {ingest.rows_rejected:,} rejected" if ingest.rows_rejected else ""
    total = f"{messages or 0:,} messages of {persons:,} persons in all"
    print_section(console, "New tonight", [f"{new}{rejected}; {total}", *remarks(ingest)])
    if changes := report.segments.words():
        where = [f"in {_short(report.segments.file)}"] if report.segments.file else []
        print_section(console, "Who joined and left segments", [*changes, *where])


def _print_attention(console: Console, findings: list[Finding], pending: list[str]) -> None:
    severe = [alike for alike in by_check(findings) if alike[0].severity in ("error", "warning")]
    severe.sort(key=lambda alike: (alike[0].severity, -sum(finding.count for finding in alike)))
    if pending:
        detail = f"valid, but without effect in this version: {'; '.join(pending)}"
        remedy = "Remove the keys, or leave them for a later version."
        severe.insert(
            0, [Finding("warning", "not_built_yet", len(pending), "lift.yml", detail, remedy)]
        )
    if not severe:
        console.print("Nothing needs attention.\n")
        return
    console.print(Text("What needs attention", "bold"))
    for alike in severe[:CHECKS]:
        print_check(console, alike, SUBJECTS)
    more = f"and {count_of(len(severe) - CHECKS, 'more check')}; " if len(severe) > CHECKS else ""
    console.print(Text(f"{more}for all of them, run `lift doctor` or read dq_findings\n", "dim"))


def _short(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
