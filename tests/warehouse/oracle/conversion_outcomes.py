"""Rows of `fct_conversion_outcomes`: what became of every conversion at a vendor."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from tests.warehouse.oracle.assignments import Assignment, counted
from tests.warehouse.oracle.conversions import Happening
from tests.warehouse.oracle.entries import UnitType
from tests.warehouse.oracle.exposures import Exposure, Unit
from tests.warehouse.oracle.identity import Identity
from tests.warehouse.oracle.settings import Conversion, Crossover
from tests.warehouse.oracle.units import UnitConversions, persons_by_unit, unit_of

Row = dict[str, Any]
UNEXPOSED = {
    "experience": "(none)",
    "audience_segment": "(all)",
    "period": None,
    "variant": None,
    "arm": None,
}


def unexposed_rows(
    found: Iterable[Happening],
    counted_ids: Collection[str],
    reasons: Mapping[str, str],
    vendor: str,
    unit_types: Iterable[UnitType],
    identity: Identity,
) -> list[Row]:
    """One row per conversion and type of unit: what holds wherever its unit saw nothing.

    `counted_ids` are the messages that the vendor counts, `reasons` those of the conversions that
    it did not receive.
    """
    rows = []
    for unit_type in unit_types:
        for one in found:
            if one.is_refund:
                continue
            unit = unit_of(one.message, one.person_id, unit_type, identity)
            outcome = reasons.get(one.message.message_id, "repeated_value")
            if one.message.message_id in counted_ids:
                outcome = "without_unit" if unit is None else "never_exposed"
            unit_id = None if unit is None else unit.unit_id
            of = {"vendor": vendor, "unit_type": unit_type, "unit_id": unit_id}
            rows.append({**_of_conversion(one), **of, **UNEXPOSED, "outcome": outcome})
    return rows


def exposed_rows(
    units: Iterable[Assignment],
    views: Sequence[Exposure],
    happened: UnitConversions,
    conversion: Conversion,
    policy: Crossover,
) -> list[Row]:
    """One row per unit of a grain and conversion of it that its vendor counts, whenever it was."""
    persons: dict[Unit, list[str]] = persons_by_unit(views)
    return [
        {
            **_of_conversion(one),
            **unit.grain._asdict(),
            **unit.unit._asdict(),
            "variant": unit.variant,
            "arm": unit.arm,
            "outcome": _outcome(one, unit, conversion, policy),
        }
        for unit in units
        for one in happened.of(unit.unit, persons.get(unit.unit, ()))
        if not one.is_refund
    ]


def _of_conversion(one: Happening) -> Row:
    return {
        "conversion": one.conversion,
        "message_id": one.message.message_id,
        "converted_at": one.at,
    }


def _outcome(one: Happening, unit: Assignment, conversion: Conversion, policy: Crossover) -> str:
    if one.at < unit.first_exposed_at:
        return "before_exposure"
    if one.at >= unit.first_exposed_at + conversion.window:
        return "outside_window"
    return "counted" if counted([unit], policy) else "crossover"
