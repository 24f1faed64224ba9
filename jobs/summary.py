"""What a growth lead reads at the end of the night, from the published file."""

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from jobs.doctor import Finding
from jobs.ingest import remarks
from jobs.nightly import NightReport
from jobs.pending import pending_settings
from jobs.settings import Settings

STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}
VERDICTS = {
    "winner": ("Personalized wins", "bold green"),
    "loser": ("Control wins", "bold red"),
    "inconclusive": ("No verdict yet", "yellow"),
    "insufficient_data": ("Too few visitors yet", "dim"),
    "no_control_arm": ("No control group", "magenta"),
    "no_treatment_arm": ("Nobody saw it personalized", "magenta"),
    "zero_control_rate": ("Control never converted", "magenta"),
    "zero_variance": ("Everybody did the same", "magenta"),
    "sample_ratio_mismatch": ("Split is broken: do not trust", "bold magenta"),
}

RESULTS = """
select
    vendor, experience, audience_segment, period, variant,
    count(distinct variant) over (
        partition by vendor, experience, audience_segment, period
    ) > 1 as has_variants,
    control_visitors, variant_visitors, control_mean, variant_mean,
    lift, running_ci_lower, running_ci_upper, lift_ci_lower, lift_ci_upper, status, conversion
from fct_experience_lift
where is_main and metric = 'conversion_rate'
order by vendor, experience, period, audience_segment <> '(all)', audience_segment, variant
"""

# Likeliest first: what Segment's specifications name as the end of a funnel, then by persons.
LIKELY_CONVERSIONS = """
select event_name, persons
from rpt_conversion_catalog
where type = 'track' and kind = 'event' and not is_configured
order by
    regexp_matches(
        event_name,
        '(?i)(signed up|completed|purchased|subscribed|requested|booked|submitted|trial started'
        || '|account created|upgraded|activated)'
    ) desc,
    regexp_matches(event_name, '(?i)(step|viewed|clicked|opened|started$)'),
    persons desc,
    event_name
limit 5
"""

FINDINGS = """
select severity, check_name, finding_count, subject, detail
from dq_findings
where severity <> 'info'
order by severity <> 'error', finding_count desc, check_name, subject
limit 8
"""


def print_summary(console: Console, settings: Settings, report: NightReport) -> None:
    """Print the verdicts, what was new, what needs attention and where the files are."""
    with duckdb.connect(str(report.publication), read_only=True) as con:
        results = _results(con)
        lines: list[RenderableType] = [
            _tonight(con, report),
            *_segments(report),
            _attention(con, pending_settings(settings)),
            _files(settings, report),
        ]
        if results is None:
            lines.insert(0, _how_to_configure(con))
    if results is not None:
        console.print(results)
    for part in lines:
        console.print(part, soft_wrap=True)


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


def print_findings(console: Console, findings: list[Finding]) -> None:
    """Print every finding, the gravest first, and how many there are of each severity."""
    if not findings:
        console.print("Nothing needs attention.")
        return
    for finding in findings:
        console.print(_finding(finding), soft_wrap=True)
    counted = Counter(finding.severity for finding in findings)
    console.print(", ".join(f"{counted[name]} {name}" for name in STYLES if counted[name]))


def _finding(finding: Finding) -> Text:
    return Text.assemble(
        "  ",
        (f"{finding.severity:<8}", STYLES[finding.severity]),
        f"{finding.check} x{finding.count:,}  ",
        (f"{finding.subject}: {finding.detail}", "dim"),
    )


def _results(con: duckdb.DuckDBPyConnection) -> RenderableType | None:
    rows = con.execute(RESULTS).fetchall()
    if not rows:
        return None
    conversion = rows[0][-1]
    table = Table(
        title=f"Did the personalized experience convert better? (conversion: {conversion})",
        title_justify="left", title_style="bold", box=None, padding=(0, 1), pad_edge=False,
    )  # fmt: skip
    table.add_column("audience segment")
    table.add_column("control", justify="right")
    table.add_column("personalized", justify="right")
    table.add_column("lift", justify="right")
    table.add_column("95 % interval", justify="right")
    table.add_column("verdict")
    previous: tuple[Any, ...] = ()
    for (
        vendor, experience, segment, period, variant, has_variants, control_visitors,
        variant_visitors, control_mean, variant_mean, lift, running_lower, running_upper, lower,
        upper, status, _,
    ) in rows:  # fmt: skip
        if (vendor, experience, period) != previous:
            previous = (vendor, experience, period)
            since = f" since {period}" if period else ""
            named = f" ({vendor})" if len({row[0] for row in rows}) > 1 else ""
            table.add_row(Text(f"{experience}{named}{since}", "bold"))
        words, style = VERDICTS[status]
        label = "everybody" if segment == "(all)" else segment
        is_running = running_lower is not None
        table.add_row(
            f"  {label}" + (f", {variant}" if has_variants else ""),
            _rate(control_mean, control_visitors),
            _rate(variant_mean, variant_visitors),
            _signed_percent(lift),
            _interval(
                running_lower if is_running else lower, running_upper if is_running else upper
            )
            + ("" if is_running else "*"),
            Text(words, style),
        )
    note = Text(
        "Rates are converted visitors of all."
        " Intervals hold however often you look; with *, for one look.",
        "dim",
    )
    return Group(table, Padding(note, (0, 0, 1, 0)))


def _how_to_configure(con: duckdb.DuckDBPyConnection) -> RenderableType:
    candidates = con.execute(LIKELY_CONVERSIONS).fetchall()
    has_conversions = con.execute("select count(*) > 0 from fct_conversions").fetchall()[0][0]
    exposures = con.execute("select count(*) from fct_exposures").fetchall()[0][0]
    if has_conversions or not candidates:
        return Text(f"No lift to show: {exposures:,} exposures, no experience to compare.\n")
    lines = [
        Text("No conversions are configured, so there is no lift to show.", "bold"),
        Text("The likeliest, from what was landed; add the ones that matter to lift.yml:\n"),
        Text("conversions:"),
    ]
    for position, (event, persons) in enumerate(candidates):
        key = "".join(letter if letter.isalnum() else "_" for letter in event.lower()).strip("_")
        main = ", main: true" if position == 0 else ""
        escaped = event.replace("\\", "\\\\").replace('"', '\\"').replace("'", "''")
        lines.append(
            Text(
                f'  - {{name: {key}, trigger: \'type = "track" and event = "{escaped}"\'{main}}}'
                f"  # {persons:,} persons"
            )
        )
    return Group(*lines, Text(""))


def _tonight(con: duckdb.DuckDBPyConnection, report: NightReport) -> RenderableType:
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
    return Group(
        Text("New tonight", "bold"),
        Text(f"  {new}{rejected}; {messages or 0:,} messages of {persons:,} persons in all"),
        *(Text(f"  {words}") for words in remarks(ingest)),
        Text(""),
    )


def _segments(report: NightReport) -> list[RenderableType]:
    words = report.segments.words()
    if not words:
        return []
    lines = [Text(f"  {line}") for line in words]
    if report.segments.file is not None:
        lines.append(Text(f"  in {_short(report.segments.file)}", "dim"))
    return [Group(Text("Who joined and left segments", "bold"), *lines, Text(""))]


def _attention(con: duckdb.DuckDBPyConnection, pending: list[str]) -> RenderableType:
    findings = [Finding(*row) for row in con.execute(FINDINGS).fetchall()]
    if pending:
        said = f"{', '.join(pending)}: understood, but changes nothing in this version"
        findings.insert(0, Finding("warning", "not_built_yet", len(pending), "lift.yml", said))
    if not findings:
        return Text("Nothing needs attention.\n")
    lines = [_finding(finding) for finding in findings]
    return Group(
        Text("What needs attention", "bold"),
        *lines,
        Text("  all of it: `lift doctor`, or the table dq_findings\n", "dim"),
    )


def _files(settings: Settings, report: NightReport) -> RenderableType:
    return Group(
        Text("Where it is", "bold"),
        Text(f"  {_short(report.publication)}  (DuckDB: open it read-only, tables stand in main)"),
        Text(f"  {_short(report.exports)}  ({', '.join(settings.exports.formats)})"),
    )


def _short(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _rate(mean: float | None, visitors: int) -> str:
    return f"{mean:.1%} of {visitors:,}" if mean is not None else f"- of {visitors:,}"


def _signed_percent(value: float | None) -> str:
    return "-" if value is None else f"{value:+.1%}"


def _interval(lower: float | None, upper: float | None) -> str:
    if lower is None or upper is None:
        return "-"
    return f"{lower:+.0%} to {upper:+.0%}"
