"""The verdicts of a publication as a table: few enough to read, however many experiences ran."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import duckdb
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.words import count_of, printable

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

# Experiences that are shown, those with a verdict and the newest first, and rows of each.
EXPERIENCES = 20
ROWS = 8
# What the table needs beside its first column; where that is not left, each row has two lines.
FIGURES = 82
LONGEST = 200

RESULTS = """
with results as (
    select *, status in ('winner', 'loser') as has_verdict
    from fct_experience_lift
    where is_main and metric = 'conversion_rate'
),

experiences as (
    select
        results.vendor, results.experience, results.period,
        count(*) as rows_in_all,
        row_number() over (
            order by bool_or(results.has_verdict) desc, min(seen.first_seen_at) desc,
                results.vendor, results.experience, results.period
        ) as place,
        count(*) over () as experiences_in_all,
        min(results.vendor) over () <> max(results.vendor) over () as has_vendors
    from results
    left join dim_experiences as seen
        on results.vendor = seen.vendor
        and results.experience = seen.experience
        and results.period is not distinct from seen.period
        and seen.audience_segment = '(all)'
    group by results.vendor, results.experience, results.period
),

shown as (
    select
        results.*,
        experiences.* exclude (vendor, experience, period, place),
        count(distinct results.variant) over (
            partition by experiences.place, results.audience_segment
        ) > 1 as has_variants
    from results
    inner join experiences
        on results.vendor = experiences.vendor
        and results.experience = experiences.experience
        and results.period is not distinct from experiences.period
    where experiences.place <= $experiences
    qualify row_number() over (
        partition by experiences.place
        order by results.audience_segment <> '(all)', not results.has_verdict,
            results.control_visitors + results.variant_visitors desc,
            results.audience_segment, results.variant
    ) <= $rows
)

select
    vendor, experience, period, rows_in_all, experiences_in_all, has_vendors, conversion,
    audience_segment, variant, has_variants, status, control_visitors, variant_visitors,
    control_mean, variant_mean, lift, running_ci_lower, running_ci_upper, lift_ci_lower,
    lift_ci_upper
from shown
order by experience, vendor, period, audience_segment <> '(all)', audience_segment, variant
"""


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table, and how much of its experience and of all there is."""

    vendor: str
    experience: str
    period: date | None
    rows_in_all: int
    experiences_in_all: int
    has_vendors: bool
    conversion: str
    audience_segment: str
    variant: str
    has_variants: bool
    status: str
    control_visitors: int
    variant_visitors: int
    control_mean: float | None
    variant_mean: float | None
    lift: float | None
    running_ci_lower: float | None
    running_ci_upper: float | None
    lift_ci_lower: float | None
    lift_ci_upper: float | None

    @property
    def title(self) -> str:
        """The experience, told apart from others of its name."""
        named = f" ({printable(self.vendor)})" if self.has_vendors else ""
        since = f" since {self.period}" if self.period else ""
        return f"{printable(self.experience)}{named}{since}"

    @property
    def label(self) -> str:
        """Whom the row is about."""
        segment = "everybody" if self.audience_segment == "(all)" else self.audience_segment
        return printable(segment + (f", {self.variant}" if self.has_variants else ""))

    @property
    def interval(self) -> str:
        """The interval that holds at every look, else that of one look with a star."""
        if self.running_ci_lower is not None and self.running_ci_upper is not None:
            return f"{self.running_ci_lower:+.0%} to {self.running_ci_upper:+.0%}"
        if self.lift_ci_lower is not None and self.lift_ci_upper is not None:
            return f"{self.lift_ci_lower:+.0%} to {self.lift_ci_upper:+.0%}*"
        return "-"


def read_results(con: duckdb.DuckDBPyConnection) -> list[Result]:
    """Return the rows that are shown: of experiences with a verdict and of the newest."""
    found = con.execute(RESULTS, {"experiences": EXPERIENCES, "rows": ROWS}).fetchall()
    return [Result(*row) for row in found]


def print_results(console: Console, results: list[Result], alpha: float) -> None:
    """Print what the main conversion says of each experience, and how many are left out."""
    main = printable(results[0].conversion)
    title = f"Did the personalized experience convert better? (conversion: {main})"
    console.print(Text(title, "bold"), soft_wrap=True)
    grouped = [list(rows) for _, rows in groupby(results, lambda row: row.title)]
    names = [name for row in results for name in (row.title, f"  {row.label}")]
    if max(map(cell_len, names)) + FIGURES <= console.width:
        console.print(_table(grouped, f"{100 * (1 - alpha):g} % interval"))
    else:
        for line in _lines(grouped):
            console.print(line, soft_wrap=True)
    left_out = results[0].experiences_in_all - len(grouped)
    if left_out:
        more = f"and {count_of(left_out, 'more experience')}, older and without a verdict"
        console.print(Text(f"{more}: see fct_experience_lift", "dim"), soft_wrap=True)
    note = (
        "Rates are converted visitors of all."
        " Intervals hold however often you look; with *, for one look."
    )
    console.print(Text(note, "dim"))
    console.print()


def _table(grouped: list[list[Result]], interval: str) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("audience segment", no_wrap=True)
    for name in ("control", "personalized", "lift", interval):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for rows in grouped:
        table.add_row(Text(rows[0].title, "bold"))
        for row in rows:
            table.add_row(
                Text(f"  {row.label}"),
                _rate(row.control_mean, row.control_visitors),
                _rate(row.variant_mean, row.variant_visitors),
                _signed(row.lift),
                row.interval,
                _verdict(row),
            )
        if words := _more(rows):
            table.add_row(words)
    return table


def _lines(grouped: list[list[Result]]) -> Iterator[Text]:
    for rows in grouped:
        yield _cut(Text(rows[0].title, "bold"))
        for row in rows:
            control = _rate(row.control_mean, row.control_visitors)
            variant = _rate(row.variant_mean, row.variant_visitors)
            yield Text.assemble(_cut(Text(f"  {row.label}")), ": ", _verdict(row))
            compared = f"control {control}, personalized {variant}"
            yield Text(f"    {compared}: {_signed(row.lift)}, {row.interval}")
        if words := _more(rows):
            yield words


def _cut(name: Text) -> Text:
    name.truncate(LONGEST, overflow="ellipsis")
    return name


def _verdict(row: Result) -> Text:
    return Text(*VERDICTS[row.status])


def _more(rows: list[Result]) -> Text | None:
    left_out = rows[0].rows_in_all - len(rows)
    return Text(f"  and {count_of(left_out, 'more row')}", "dim") if left_out else None


def _rate(mean: float | None, visitors: int) -> str:
    return f"{mean:.1%} of {visitors:,}" if mean is not None else f"- of {visitors:,}"


def _signed(value: float | None) -> str:
    return "-" if value is None else f"{value:+.1%}"
