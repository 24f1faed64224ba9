"""Units and what they were assigned to, per experience, audience segment and period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

from tests.warehouse.oracle.exposures import PERSONALIZED, Exposure, Unit
from tests.warehouse.oracle.settings import Crossover, OracleSettings

ALL_SEGMENTS = "(all)"


class Grain(NamedTuple):
    """What a row of figures is about."""

    vendor: str
    experience: str
    audience_segment: str
    period: date | None


@dataclass(frozen=True)
class Assignment:
    """One unit of a grain."""

    grain: Grain
    unit: Unit
    variant: str
    arm: str
    first_exposed_at: datetime
    last_exposed_at: datetime
    impressions: int
    is_crossover: bool
    crossed_at: datetime | None
    counted_view: Exposure

    def is_gone_at_once(self, policy: Crossover) -> bool:
        """Whether it leaves the figures on the day it came."""
        return (
            policy == "exclude"
            and self.crossed_at is not None
            and self.crossed_at.date() <= self.first_exposed_at.date()
        )

    def row(self) -> dict[str, Any]:
        return {
            **self.grain._asdict(),
            **self.unit._asdict(),
            "variant": self.variant,
            "arm": self.arm,
            "first_exposed_at": self.first_exposed_at,
            "last_exposed_at": self.last_exposed_at,
            "impressions": self.impressions,
            "is_crossover": self.is_crossover,
        }


def grains_of(exposure: Exposure, settings: OracleSettings) -> list[Grain]:
    """The grains that a view belongs to: its segment's and `(all)`, in every period holding it."""
    names = [ALL_SEGMENTS]
    if exposure.audience_segment is not None:
        names.insert(0, settings.segment_name(exposure.audience_segment))
    return [
        Grain(exposure.vendor, exposure.experience, name, period)
        for period in _periods(exposure, settings)
        for name in names
    ]


def where_it_counts(exposure: Exposure, settings: OracleSettings) -> dict[str, Any]:
    """The period, segment and unit of a view, and why it is in no assignment."""
    periods = _periods(exposure, settings)
    outcome = "assigned" if exposure.unit else "without_unit"
    segment = exposure.audience_segment
    return {
        "outcome": outcome if periods else "outside_periods",
        "assigned_segment": None if segment is None else settings.segment_name(segment),
        "period": periods[0] if periods else None,
        "unit_type": exposure.unit and exposure.unit.unit_type,
        "unit_id": exposure.unit and exposure.unit.unit_id,
    }


def _periods(exposure: Exposure, settings: OracleSettings) -> list[date | None]:
    if exposure.experience not in settings.periods:
        return [None]
    return [
        start
        for start, end in settings.periods[exposure.experience]
        if datetime.combine(start, time.min) <= exposure.exposed_at
        and (end is None or exposure.exposed_at < datetime.combine(end, time.min))
    ]


def views_by_grain(
    exposures: Iterable[Exposure], settings: OracleSettings
) -> dict[Grain, list[Exposure]]:
    """All views of each grain that have a unit, in order."""
    views: defaultdict[Grain, list[Exposure]] = defaultdict(list)
    for exposure in sorted(exposures, key=lambda view: view.order):
        if exposure.unit is not None:
            for grain in grains_of(exposure, settings):
                views[grain].append(exposure)
    return dict(views)


def assign(grain: Grain, views: Iterable[Exposure], settings: OracleSettings) -> list[Assignment]:
    """One assignment for each unit that has a view in the grain."""
    by_unit: defaultdict[Unit, list[Exposure]] = defaultdict(list)
    for view in sorted(views, key=lambda view: view.order):
        if view.unit is not None:
            by_unit[view.unit].append(view)
    return [_assignment(grain, unit, seen, settings) for unit, seen in sorted(by_unit.items())]


def _assignment(
    grain: Grain, unit: Unit, seen: list[Exposure], settings: OracleSettings
) -> Assignment:
    deciding = seen[0]
    if settings.crossover == "ever_treated":
        personalized = [view for view in seen if view.arm == PERSONALIZED]
        deciding = (personalized or seen)[0]
    others = [view for view in seen if view.variant != seen[0].variant]
    return Assignment(
        grain=grain,
        unit=unit,
        variant=deciding.variant,
        arm=deciding.arm,
        first_exposed_at=deciding.exposed_at,
        last_exposed_at=seen[-1].exposed_at,
        impressions=len(seen),
        is_crossover=bool(others),
        crossed_at=min((view.exposed_at for view in others), default=None),
        counted_view=deciding,
    )


def counted(assignments: Iterable[Assignment], policy: Crossover) -> list[Assignment]:
    """The units that are in figures: under `exclude`, no crossover is."""
    return [one for one in assignments if policy != "exclude" or not one.is_crossover]
