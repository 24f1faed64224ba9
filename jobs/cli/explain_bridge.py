"""Prints why a vendor's figure is another one: a line for each rule, with what it changes."""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.explain.grains import EVERYBODY
from jobs.explain.vendor_bridge import Bridge, BridgeStep
from jobs.words import printable

WORDS = {
    "vendor_reported": "as {vendor} reports",
    "vendor_rules": "by the rules of {vendor}: its visitors, every copy of a message",
    "duplicates_removed": "each message once, each distinct_by value once",
    "delivered_only": "only conversions that {vendor} received",
    "persons_resolved": "our units in the place of its visitors",
    "crossovers_resolved": "our rule for units that saw several variants",
    "window_applied": "within the window of the conversion",
    "periods_and_exclusions": "within periods, without excluded messages",
    "ours": "ours",
}
FIGURES = ("visitors", "converters", "value")
ABSOLUTE = ("vendor_reported", "ours")


def print_bridge(console: Console, found: Bridge) -> None:
    """Print a table for each vendor, period, conversion and arm."""
    segment = found.audience_segment
    whose = "everybody" if segment == EVERYBODY else segment
    title = f"{printable(found.experience)}, {printable(whose)}"
    console.print(Text(title, "bold underline"), soft_wrap=True)
    for (vendor, period, conversion, arm), steps in groupby(found.steps, _of):
        since = f", since {period}" if period else ""
        heading = f"{printable(vendor)}, {printable(conversion)}, {arm}{since}"
        console.print()
        console.print(Text(heading, "bold"), soft_wrap=True)
        console.print(_table(list(steps)))


def bridge_records(found: Bridge) -> Iterator[dict[str, Any]]:
    """Return each step as a record."""
    named = {"experience": found.experience, "audience_segment": found.audience_segment}
    for step in found.steps:
        yield {"kind": "bridge_step", **named, **asdict(step)}


def _of(step: BridgeStep) -> tuple[Any, ...]:
    return step.vendor, step.period, step.conversion, step.arm


def _table(steps: list[BridgeStep]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    figures = [name for name in FIGURES if any(getattr(step, name) is not None for step in steps)]
    for name in figures:
        table.add_column(name, justify="right", no_wrap=True, min_width=10)
    table.add_column("", overflow="fold")
    for place, step in enumerate(steps):
        is_whole = place == 0 or step.step in ABSOLUTE
        words = WORDS[step.step].format(vendor=printable(step.vendor))
        cells = [_figure(step, name, is_whole) for name in figures]
        table.add_row(*cells, words, style="bold" if is_whole else None)
    return table


def _figure(step: BridgeStep, name: str, is_whole: bool) -> Text:
    amount = getattr(step, name if is_whole else f"{name}_change")
    if amount is None:
        return Text("-", "dim")
    if not is_whole and not amount:
        return Text("0", "dim")
    decimals = 2 if name == "value" else 0
    return Text(f"{amount:{'' if is_whole else '+'},.{decimals}f}")
