"""What tests need: the visitors and days that a lift takes, and how far the tests are."""

from collections.abc import Callable, Iterable
from datetime import date
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.config import Settings
from jobs.plan.sample_sizes import GOAL, LIFTS, TRAFFIC_DAYS, SampleSize
from jobs.words import count_of, printable

# A longer test is given in years.
LONGEST_DAYS = 730
# How many experiences are shown; the rest are counted.
EXPERIENCES = 20
NO_EXPERIENCE = "without an experience"
NOTE = (
    "Rates are those of control. Visitors are per arm, with two equal arms; days assume the split"
    f" and traffic of the last {TRAFFIC_DAYS} days. All figures are for one look at the end: a"
    " verdict that holds at every look needs more."
)
OF_PERSONS = (
    "Without an experience, the rate is that of all persons within the window after they were first"
    " seen, and traffic counts new persons."
)


def print_sample_sizes(console: Console, settings: Settings, sizes: list[SampleSize]) -> None:
    """Print the visitors and days that a lift takes, and what the visitors so far can show."""
    statistics = settings.statistics
    title = f"To find a lift with {statistics.power:.0%} power at alpha {statistics.alpha:g}"
    lifts = [f"+{lift:.0%}" for lift in LIFTS]
    sizes, left_out = _busiest(sizes)
    console.print()
    console.print(_table(title, ["rate", "a day", *lifts], sizes, _needs))
    if measured := [size for size in sizes if size.experience is not None]:
        names = ["control", "variant", "finds now", f"power, +{GOAL:.0%}", f"left, +{GOAL:.0%}"]
        console.print()
        console.print(_table("How far the tests are", names, measured, _progress))
    if left_out:
        more = f"and {count_of(left_out, 'more experience')} with less traffic: --log-format json"
        console.print(Text(more, "dim"))
    console.print(Text(NOTE, "dim"))
    if len(measured) < len(sizes):
        console.print(Text(OF_PERSONS, "dim"))


def _busiest(sizes: list[SampleSize]) -> tuple[list[SampleSize], int]:
    """Return the sizes of the experiences with the most traffic, and how many are left out."""
    traffic: dict[tuple[str | None, str | None, date | None], float] = {}
    for size in sizes:
        per_day = size.control_per_day + size.variant_per_day
        traffic[_experience(size)] = max(traffic.get(_experience(size), 0), per_day)
    shown = sorted(traffic, key=lambda experience: -traffic[experience])[:EXPERIENCES]
    return [size for size in sizes if _experience(size) in shown], len(traffic) - len(shown)


def _table(
    title: str,
    columns: list[str],
    sizes: list[SampleSize],
    cells: Callable[[SampleSize], Iterable[str]],
) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1), pad_edge=False)
    table.add_column("conversion", overflow="fold")
    for column in columns:
        table.add_column(column, justify="right", overflow="fold")
    has_vendors = len({size.vendor for size in sizes}) > 1
    for (vendor, experience, period), alike in groupby(sizes, _experience):
        group = list(alike)
        named = f" ({printable(vendor)})" if has_vendors and vendor else ""
        since = f" since {period}" if period else ""
        table.add_row(Text(f"{printable(experience or NO_EXPERIENCE)}{named}{since}", "bold"))
        has_variants = len({size.variant for size in group}) > 1
        for size in group:
            variant = f", {printable(size.variant)}" if has_variants and size.variant else ""
            table.add_row(Text(f"  {printable(size.conversion)}{variant}"), *cells(size))
    return table


def _experience(size: SampleSize) -> tuple[str | None, str | None, date | None]:
    return size.vendor, size.experience, size.period


def _needs(size: SampleSize) -> list[str]:
    rate = "-" if size.baseline is None else f"{size.baseline:.1%}"
    traffic = f"{size.control_per_day + size.variant_per_day:,.1f}"
    needs = [f"{need.visitors_per_arm:,} / {_days(need.days)}" for need in size.needs]
    return [rate, traffic, *(needs or ["-"] * len(LIFTS))]


def _progress(size: SampleSize) -> list[str]:
    effect = size.minimum_detectable_effect
    finds = "-" if effect is None else f"+{effect:.0%}"
    visitors = [f"{size.control_visitors:,}", f"{size.variant_visitors:,}"]
    if size.goal is None:
        return [*visitors, finds, "-", "-"]
    return [*visitors, finds, f"{size.goal.power_reached:.0%}", _days(size.goal.days_left)]


def _days(days: int | None) -> str:
    if days is None:
        return "no traffic"
    if days > LONGEST_DAYS:
        return f"{days / 365.25:,.0f} y"
    return f"{days:,} d"
