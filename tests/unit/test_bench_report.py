"""The tables of the bench are read in logs: they fit into eighty columns."""

from __future__ import annotations

from dataclasses import fields
from io import StringIO

from rich.console import Console

from tests.bench.report import print_simulation
from tests.bench.simulation import ALL, BUSINESSES, CONVERTERS, Shares, SimulatedFigures

METRICS = (
    "conversion_rate", "conversions_per_visitor", "value_per_visitor", "value_per_conversion",
)  # fmt: skip


def test_simulation_fits_into_eighty_columns_at_its_widest() -> None:
    numbers = [1.0] * (len(fields(Shares)) - 3)
    shares = [
        Shares(business, metric, 1_000_000, *numbers)
        for business in (ALL, *(each.name for each in BUSINESSES))
        for metric in METRICS
    ]
    console = Console(file=StringIO(), width=80)
    print_simulation(console, [SimulatedFigures(0.2, size, shares) for size in CONVERTERS])
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert "…" not in said
    rows = [line for line in said.splitlines() if " 100.0" in line]
    # Eight rows a size, in two tables: none is wrapped or cut.
    assert len(rows) == 2 * 8 * len(CONVERTERS)
    assert {len(line.split()) for line in rows} <= {5, 6, 8, 9}
