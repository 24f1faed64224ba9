"""What every unit of a grain did in its window, and in the look-back before its exposure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.warehouse.oracle.assignments import Assignment
from tests.warehouse.oracle.conversions import Outcome, outcome
from tests.warehouse.oracle.exposures import Exposure
from tests.warehouse.oracle.settings import Conversion, OracleSettings
from tests.warehouse.oracle.units import UnitConversions, persons_by_unit


@dataclass(frozen=True)
class UnitOutcome:
    """One unit and what it did of one conversion."""

    assignment: Assignment
    conversion: str
    closes_at: datetime
    inside: Outcome
    earlier: Outcome

    def row(self) -> dict[str, Any]:
        return {
            **self.assignment.grain._asdict(),
            **self.assignment.unit._asdict(),
            "conversion": self.conversion,
            "converted": self.inside.converted,
            "conversions": self.inside.conversions,
            "valued_conversions": self.inside.valued_conversions,
            "value": self.inside.value,
            "earlier_conversions": self.earlier.conversions,
            "earlier_value": self.earlier.value,
        }


def unit_outcomes(
    units: Iterable[Assignment],
    views: Sequence[Exposure],
    happened: UnitConversions,
    conversion: Conversion,
    settings: OracleSettings,
    before: datetime | None = None,
) -> list[UnitOutcome]:
    """What the units of a grain did before `before` (None: at all), given all its views.

    In its window `[first_exposed_at, first_exposed_at + window)`, and earlier, in the look-back
    `[first_exposed_at - cuped_lookback, first_exposed_at)`. Whose unit a person is, is an identity:
    all views tell it, also those to come.
    """
    persons = persons_by_unit(views)
    found = []
    for unit in units:
        exposed_at = unit.first_exposed_at
        closes_at = exposed_at + conversion.window
        done = happened.of(unit.unit, persons.get(unit.unit, ()))
        end = closes_at if before is None else min(closes_at, before)
        inside = outcome(done, exposed_at, end)
        earlier = outcome(done, exposed_at - settings.cuped_lookback, exposed_at)
        found.append(UnitOutcome(unit, conversion.name, closes_at, inside, earlier))
    return found
