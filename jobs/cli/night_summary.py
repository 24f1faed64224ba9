"""The summary of a nightly run for a growth lead, from the published file."""

from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.cli.findings import by_check, print_check
from jobs.cli.results import print_verdicts
from jobs.cli.suggestions import print_what_is_missing
from jobs.cli.terminal import print_section
from jobs.config import Settings
from jobs.doctor.run import Finding, read_findings
from jobs.ingest.run import remarks
from jobs.nightly.run import NightReport
from jobs.publication import read_publication
from jobs.results.changes import find_changes
from jobs.results.verdicts import Selection, read_results
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
        has_previous = find_changes(con, settings)
        if results := read_results(con, Selection()):
            print_verdicts(console, con, settings, results, Selection(), has_previous=has_previous)
        print_what_is_missing(console, con, settings, has_results=bool(results))
        _print_news(console, con, report)
        _print_attention(console, read_findings(con))
    exports = settings.exports
    server = [f"schema lift of the PostgreSQL database in {exports.postgres_env}"]
    print_section(
        console,
        "Where it is",
        [
            f"{_short(report.publication)}  (DuckDB: open it read-only, tables are in main)",
            f"{_short(report.exports)}  ({', '.join(exports.formats)})",
            f"{_short(report.report)}  (open it in a browser)",
            *(server if exports.postgres_env else []),
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


def _print_attention(console: Console, findings: list[Finding]) -> None:
    severe = [alike for alike in by_check(findings) if alike[0].severity in ("error", "warning")]
    severe.sort(key=lambda alike: (alike[0].severity, -sum(finding.count for finding in alike)))
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
