"""The verdict on each experience: rows of `fct_experience_lift`, the newest changes first."""

from dataclasses import dataclass
from datetime import date

import duckdb

from jobs.config.base import did_you_mean, ended
from jobs.errors import UsageError
from jobs.sql_files import read_sql
from jobs.words import printable

# How many experiences are shown, and rows of each.
EXPERIENCES = 20
ROWS = 8

RATE = "conversion_rate"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which results to read: of one experience, or of all; `conversion` is the main one if None.

    With `everything`, however many there are.
    """

    experience: str | None = None
    conversion: str | None = None
    metric: str = RATE
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """One row: a variant compared with control in one audience segment.

    `row_count` is that of its experience, `experience_count` that of the selection. The interval
    holds at every look, or `is_for_one_look`. `status_before` is that of the previous publication
    if the row `is_changed`; None if it is a new row.
    """

    vendor: str
    experience: str
    audience_segment: str
    period: date | None
    conversion: str
    metric: str
    variant: str
    status: str
    is_changed: bool
    status_before: str | None
    control_visitors: int
    variant_visitors: int
    control_mean: float | None
    variant_mean: float | None
    lift: float | None
    ci_lower: float | None
    ci_upper: float | None
    is_for_one_look: bool
    title: str
    label: str
    row_count: int
    experience_count: int


def read_results(con: duckdb.DuckDBPyConnection, selection: Selection) -> list[Result]:
    """Return the selected rows of a publication whose changes were found, see `find_changes`.

    Raises:
        UsageError: the publication has results, and none of that name.
    """
    rows = con.execute(
        read_sql(__file__, "verdicts"),
        {
            "experience": selection.experience,
            "conversion": selection.conversion,
            "metric": selection.metric,
            "experiences": None if selection.everything else EXPERIENCES,
            "rows": None if selection.everything else ROWS,
        },
    ).fetchall()
    if not rows:
        _refuse_unknown(con, selection)
    return [Result(*row) for row in rows]


def experience_names(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the names of the experiences that have results."""
    found = con.execute("select distinct experience from fct_experience_lift order by all")
    return [name for (name,) in found.fetchall()]


def _refuse_unknown(con: duckdb.DuckDBPyConnection, selection: Selection) -> None:
    for column, what, name in (
        ("experience", "experience", selection.experience),
        ("conversion", "conversion", selection.conversion),
        ("metric", "metric", selection.metric),
    ):
        found = con.execute(f"select distinct {column} from fct_experience_lift order by all")
        names = [each for (each,) in found.fetchall()]
        if name is not None and names and name not in names:
            remedy = printable(ended(did_you_mean(name, names)))
            raise UsageError(f"No {what} with results is called {printable(name)}; {remedy}")
