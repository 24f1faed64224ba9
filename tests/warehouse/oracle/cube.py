"""Sums over units that every figure and every breakdown of an experience follows from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from tests.warehouse.oracle.assignments import Grain
from tests.warehouse.oracle.exposures import Unit
from tests.warehouse.oracle.outcomes import UnitOutcome
from tests.warehouse.oracle.settings import Conversion
from tests.warehouse.oracle.unit_rows import experience_of, mixed_currencies
from tests.warehouse.oracle.values import UNITS

Row = dict[str, Any]


def cube_totals(
    units: Iterable[UnitOutcome],
    breakdowns: Mapping[tuple[Grain, Unit], Row],
    conversions: Sequence[Conversion],
) -> list[Row]:
    """One row per grain, variant, arm, day of first exposure, conversion and `breakdowns`.

    Values are exact, in the currency itself. There is no sum of them without a value path, nor of
    an experience's conversions in more than one currency.
    """
    with_value = {conversion.name for conversion in conversions if conversion.value is not None}
    units = list(units)
    mixed = mixed_currencies(units)
    cells: defaultdict[tuple[Any, ...], list[UnitOutcome]] = defaultdict(list)
    for unit in units:
        seen = unit.assignment
        cohort_day = seen.first_exposed_at.date()
        values = tuple(breakdowns[seen.grain, seen.unit].items())
        cells[seen.grain, seen.variant, seen.arm, cohort_day, unit.conversion, values].append(unit)
    rows = []
    for (grain, variant, arm, cohort_day, conversion, of_units), members in cells.items():
        has_sums = conversion in with_value and experience_of(members[0]) not in mixed
        sums = _value_sums(members)
        rows.append(
            {
                **grain._asdict(),
                "variant": variant,
                "arm": arm,
                "cohort_day": cohort_day,
                "conversion": conversion,
                **dict(of_units),
                **_counts(members),
                **(sums if has_sums else dict.fromkeys(sums)),
            }
        )
    return rows


def _counts(units: Sequence[UnitOutcome]) -> Row:
    counts = [(unit.inside.conversions, unit.earlier.conversions) for unit in units]
    return {
        "visitors": len(units),
        "converters": sum(unit.inside.converted for unit in units),
        "conversions": sum(count for count, _ in counts),
        "conversions_sum_squares": sum(count**2 for count, _ in counts),
        "valued_conversions": sum(unit.inside.valued_conversions for unit in units),
        "pre_sum": sum(pre for _, pre in counts),
        "pre_sum_squares": sum(pre**2 for _, pre in counts),
        "pre_conversions_sum": sum(pre * count for count, pre in counts),
    }


def _value_sums(units: Sequence[UnitOutcome]) -> Row:
    values = [
        (
            Fraction(unit.inside.value, UNITS),
            Fraction(unit.earlier.value, UNITS),
            unit.inside.conversions,
            unit.inside.valued_conversions,
        )
        for unit in units
    ]
    return {
        "value_sum": sum(value for value, *_ in values),
        "value_sum_squares": sum(value**2 for value, *_ in values),
        "value_conversions_sum": sum(value * count for value, _, count, _ in values),
        "value_valued_conversions_sum": sum(value * valued for value, _, _, valued in values),
        "pre_value_sum": sum(pre for _, pre, *_ in values),
        "pre_value_sum_squares": sum(pre**2 for _, pre, *_ in values),
        "pre_value_value_sum": sum(pre * value for value, pre, *_ in values),
    }
