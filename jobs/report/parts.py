"""What several pages show: links, intervals in rows, and rows that belong together."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from jobs.report import small_charts, words
from jobs.report.read import Record, Study

# A page for each of 200 experiences has to stay small: its longest lists end here.
ROWS = 60
Page = dict[str, Any]


def page_of(study: Study) -> str:
    """Return the file name of the page of an experience."""
    vendor, experience, period = study.key
    return words.page_name(vendor, experience, period)


def left_of(study: Study, row: Record | None) -> str:
    """Return how long the test still takes, in words."""
    if row and row["status"] in ("winner", "loser"):
        return "decided"
    return words.days_left(study.days_left) if study.has_days_left else words.MISSING


def forest_of(row: Record) -> Page:
    """Return the interval that decides, or that of one look where there is none yet."""
    is_running = row["running_ci_lower"] is not None and row["running_ci_upper"] is not None
    kind = "running_ci" if is_running else "lift_ci"
    return small_charts.interval(
        row["lift"], row[f"{kind}_lower"], row[f"{kind}_upper"], is_for_one_look=not is_running
    )


def bridge_of(study: Study) -> list[tuple[str, list[Record]]]:
    """Return the steps from the vendor's rules to ours for the main conversion, by arm."""
    main = {row["conversion"] for row in study.parts["lifts"] if row["is_main"]}
    return grouped((row for row in study.parts["bridge"] if row["conversion"] in main), "arm")


def by_variant(rows: list[Record]) -> dict[str, list[Record]]:
    """Return the rows of each variant."""
    return dict(grouped(rows, "variant"))


def grouped(rows: Iterable[Record], column: str) -> list[tuple[Any, list[Record]]]:
    """Return neighbouring rows that have one value."""
    return [(value, list(found)) for value, found in groupby(rows, key=lambda row: row[column])]
