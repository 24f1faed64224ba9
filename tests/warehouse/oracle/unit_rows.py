"""Rows of `fct_unit_outcomes`: what each unit did, and whether it counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from tests.warehouse.oracle.assignments import counted
from tests.warehouse.oracle.outcomes import UnitOutcome
from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.oracle.values import UNITS

Row = dict[str, Any]


def unit_rows(
    outcomes: Sequence[UnitOutcome], as_of: datetime | None, settings: OracleSettings
) -> list[Row]:
    """One row per grain, unit and conversion: each unit has all conversions.

    A unit has no value without a value path, nor where the counted units of its experience count
    that conversion in more than one currency.
    """
    valued = {one.name for one in settings.conversions if one.value is not None}
    mixed = mixed_currencies(
        unit for unit in outcomes if counted([unit.assignment], settings.crossover)
    )
    return [
        _row(unit, unit.conversion in valued and experience_of(unit) not in mixed, as_of, settings)
        for unit in outcomes
    ]


def mixed_currencies(units: Iterable[UnitOutcome]) -> Collection[tuple[str, str, str]]:
    """The experiences and conversions that counted units have in more than one currency."""
    currencies: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for unit in units:
        currencies[experience_of(unit)] |= unit.inside.currencies
    return {experience for experience, found in currencies.items() if len(found) > 1}


def experience_of(unit: UnitOutcome) -> tuple[str, str, str]:
    """Vendor, experience and conversion: what may have more than one currency."""
    grain = unit.assignment.grain
    return grain.vendor, grain.experience, unit.conversion


def _row(
    unit: UnitOutcome, has_value: bool, as_of: datetime | None, settings: OracleSettings
) -> Row:
    seen, inside, earlier = unit.assignment, unit.inside, unit.earlier
    return {
        **seen.grain._asdict(),
        **seen.unit._asdict(),
        "variant": seen.variant,
        "arm": seen.arm,
        "first_exposed_at": seen.first_exposed_at,
        "conversion": unit.conversion,
        "is_converted": inside.converted,
        "conversions": inside.conversions,
        "valued_conversions": inside.valued_conversions,
        "value": Fraction(inside.value, UNITS) if has_value else None,
        "first_converted_at": inside.first_at,
        "pre_conversions": earlier.conversions,
        "pre_value": Fraction(earlier.value, UNITS) if has_value else None,
        "is_matured": as_of is not None and unit.closes_at <= as_of,
        "is_counted": bool(counted([seen], settings.crossover)),
    }
