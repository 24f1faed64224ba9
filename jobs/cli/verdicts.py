"""The table of verdicts: short enough to read, however many experiences ran."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import duckdb
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.sql_files import read_sql
from jobs.words import VERDICTS, count_of, printable

STYLES = {
    "winner": "bold green",
    "loser": "bold red",
    "inconclusive": "yellow",
    "insufficient_data": "dim",
    "sample_ratio_mismatch": "bold magenta",
}

# How many experiences are shown, those with a verdict and the newest first, and rows of each.
EXPERIENCES = 20
ROWS = 8
# Columns that the figures take. A console too narrow for them and the names gets two lines per row.
FIGURES = 82
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table, with the number of rows of its experience and of experiences.

    The interval holds at every look, or `is_for_one_look`.
    """

    title: str
    label: str
    row_count: int
    experience_count: int
    conversion: str
    status: str
    control_visitors: int
    variant_visitors: int
    control_mean: float | None
    variant_mean: float | None
    lift: float | None
    ci_lower: float | None
    ci_upper: float | None
    is_for_one_look: bool

    @property
    def figures(self) -> tuple[str, str, str, str]:
        """The rates of control and variant, the lift and its interval; * marks one look."""
        interval = "-"
        if self.ci_lower is not None and self.ci_upper is not None:
            star = "*" if self.is_for_one_look else ""
            interval = f"{self.ci_lower:+.0%} to {self.ci_upper:+.0%}{star}"
        return (
            _rate(self.control_mean, self.control_visitors),
            _rate(self.variant_mean, self.variant_visitors),
            "-" if self.lift is None else f"{self.lift:+.1%}",
            interval,
        )

    @property
    def verdict(self) -> Text:
        """The status in words."""
        return Text(VERDICTS[self.status], STYLES.get(self.status, "magenta"))


def read_results(con: duckdb.DuckDBPyConnection) -> list[Result]:
    """Return the rows to show, of experiences with a verdict and of the newest."""
    limits = {"experiences": EXPERIENCES, "rows": ROWS}
    rows = con.execute(read_sql(__file__, "verdicts"), limits).fetchall()
    return [
        Result(printable(title), f"  {printable(label)}", *rest) for title, label, *rest in rows
    ]


def print_results(console: Console, results: list[Result], alpha: float) -> None:
    """Print the verdict of each experience on the main conversion, and how many are left out."""
    main = printable(results[0].conversion)
    title = f"Did the personalized experience convert better? (conversion: {main})"
    console.print(Text(title, "bold"), soft_wrap=True)
    grouped = [list(rows) for _, rows in groupby(results, lambda row: row.title)]
    widest = max(cell_len(name) for row in results for name in (row.title, row.label))
    if widest + FIGURES <= console.width:
        console.print(_table(grouped, f"{100 * (1 - alpha):g} % interval"))
    else:
        for line in _lines(grouped):
            console.print(line, soft_wrap=True)
    left_out = results[0].experience_count - len(grouped)
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
            table.add_row(Text(row.label), *row.figures, row.verdict)
        if words := _more(rows):
            table.add_row(words)
    return table


def _lines(grouped: list[list[Result]]) -> Iterator[Text]:
    for rows in grouped:
        yield _cut(Text(rows[0].title, "bold"))
        for row in rows:
            yield Text.assemble(_cut(Text(row.label)), ": ", row.verdict)
            control, variant, lift, interval = row.figures
            yield Text(f"    control {control}, personalized {variant}: {lift}, {interval}")
        if words := _more(rows):
            yield words


def _cut(name: Text) -> Text:
    name.truncate(LONGEST, overflow="ellipsis")
    return name


def _more(rows: list[Result]) -> Text | None:
    left_out = rows[0].row_count - len(rows)
    return Text(f"  and {count_of(left_out, 'more row')}", "dim") if left_out else None


def _rate(mean: float | None, visitors: int) -> str:
    return f"{mean:.1%} of {visitors:,}" if mean is not None else f"- of {visitors:,}"
