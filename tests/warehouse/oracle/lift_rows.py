"""Rows of `fct_experience_lift` and its daily twin: looks, running figures and statuses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.warehouse.oracle.assignments import ALL_SEGMENTS, Grain, assign, views_by_grain
from tests.warehouse.oracle.exposures import Exposure
from tests.warehouse.oracle.looks import NO_VARIANT, RATE, Arm, Figures, Key, look
from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.oracle.units import UnitConversions

Row = dict[str, Any]
ONE_DAY = timedelta(days=1)
OF_ONE_PERIOD = ("vendor", "experience", "period")
ROW_OF_A_DAY = ("audience_segment", "conversion", "metric", "variant")


@dataclass(frozen=True)
class LiftTables:
    """The two tables, and why the sample ratio of a grain is mismatched."""

    current: list[Row]
    daily: list[Row]
    causes: dict[Grain, str | None]


@dataclass
class Running:
    """Minimum and intersection over looks, from the first that is large enough."""

    is_started: bool = False
    p_value: float | None = None
    lower: float | None = None
    upper: float | None = None

    def include(self, figures: Figures, settings: OracleSettings) -> None:
        self.is_started = self.is_started or is_large_enough(figures, settings)
        if not self.is_started:
            return
        always_valid = figures.comparison.always_valid_p_value
        if always_valid is not None:
            self.p_value = min(always_valid, 1.0 if self.p_value is None else self.p_value)
        if figures.comparison.sequential_ci is not None:
            lower, upper = figures.comparison.sequential_ci
            self.lower = lower if self.lower is None else max(self.lower, lower)
            self.upper = upper if self.upper is None else min(self.upper, upper)

    @property
    def interval(self) -> tuple[float, float] | None:
        """None before the first look, and when the intersection is empty."""
        if self.lower is None or self.upper is None or self.lower > self.upper:
            return None
        return self.lower, self.upper


def is_large_enough(figures: Figures, settings: OracleSettings) -> bool:
    """`min_visitors` in each arm, and `min_converters` over both."""
    control, variant = figures.control, figures.variant
    return (
        min(control.visitors, variant.visitors) >= settings.min_visitors
        and control.converters + variant.converters >= settings.min_converters
    )


def status(variant: str, figures: Figures, running: Running, settings: OracleSettings) -> str:
    """The first that holds."""
    if figures.control.visitors == 0:
        return "no_control_arm"
    if variant == NO_VARIANT:
        return "no_treatment_arm"
    if not figures.control.mean:  # a NULL mean counts as zero
        return "zero_control_rate"
    if figures.comparison.has_no_variance:
        return "zero_variance"
    if figures.ratio.is_mismatch:
        return "sample_ratio_mismatch"
    smallest = min(figures.control.visitors, figures.variant.visitors)
    if smallest < 2 or not is_large_enough(figures, settings):
        return "insufficient_data"
    interval = running.interval
    if running.p_value is not None and running.p_value < settings.alpha and interval is not None:
        if interval[0] > 0:
            return "winner"
        if interval[1] < 0:
            return "loser"
    return "inconclusive"


def without_unchanged_days(rows: Sequence[Row]) -> list[Row]:
    """The daily rows without the days on which no row of the experience and period differs.

    A row differs if the day before has no row of its key, or one that is not equal in everything
    but the date.
    """
    days: defaultdict[tuple[Any, ...], defaultdict[date, dict[tuple[Any, ...], Row]]]
    days = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        key = tuple(row[name] for name in ROW_OF_A_DAY)
        look = {name: value for name, value in row.items() if name != "as_of_date"}
        days[tuple(row[name] for name in OF_ONE_PERIOD)][row["as_of_date"]][key] = look
    kept = {
        (period, day)
        for period, looks in days.items()
        for day, found in looks.items()
        if any(looks.get(day - ONE_DAY, {}).get(key) != look for key, look in found.items())
    }
    return [
        row
        for row in rows
        if (tuple(row[name] for name in OF_ONE_PERIOD), row["as_of_date"]) in kept
    ]


def lift_tables(
    exposures: Iterable[Exposure],
    happened: Mapping[str, Mapping[str, UnitConversions]],
    as_of: datetime | None,
    settings: OracleSettings,
) -> LiftTables:
    """Both tables; `happened` is what each vendor counts, by conversion."""
    experiences: defaultdict[tuple[str, str], list[Exposure]] = defaultdict(list)
    for exposure in exposures:
        experiences[exposure.vendor, exposure.experience].append(exposure)
    tables = LiftTables([], [], {})
    for (vendor, _), views in sorted(experiences.items()):
        assert as_of is not None, "an exposure without a message"
        history = _History(views_by_grain(views, settings), happened[vendor], as_of, settings)
        history.write(tables)
    return tables


@dataclass
class _History:
    """All looks at one experience."""

    views: Mapping[Grain, Sequence[Exposure]]
    happened: Mapping[str, UnitConversions]
    as_of: datetime
    settings: OracleSettings
    running: defaultdict[Key, Running] = field(default_factory=lambda: defaultdict(Running))

    def write(self, tables: LiftTables) -> None:
        spans = self._spans()
        if not spans:  # all views are outside the experience's periods
            return
        day, last_day = min(spans.values())[0], max(last for _, last in spans.values())
        changes = self._changes()
        figures: dict[Key, Figures] | None = None
        daily: list[Row] = []
        while day <= last_day:
            start = datetime.combine(day, time.min)
            end = start + ONE_DAY
            if figures is None or any(start <= change <= end for change in changes):
                figures = look(self.views, self.happened, self.settings, end, end)
            shown = {
                key: found
                for key, found in figures.items()
                if spans[key.grain, key.conversion][0] <= day <= spans[key.grain, key.conversion][1]
            }
            daily.extend({"as_of_date": day, **row} for row in self._rows(shown))
            day += ONE_DAY
        tables.daily.extend(without_unchanged_days(daily))
        current = look(self.views, self.happened, self.settings, None, self.as_of)
        tables.causes.update({key.grain: found.ratio.cause for key, found in current.items()})
        tables.current.extend(
            {**row, **figures.winsorized.columns()}
            for row, figures in zip(self._rows(current), current.values(), strict=True)
        )

    def _spans(self) -> dict[tuple[Grain, str], tuple[date, date]]:
        """First and last day of each grain and conversion; the last may be before the first."""
        spans = {}
        for grain, views in self.views.items():
            units = assign(grain, views, self.settings)
            first = min(view.exposed_at for view in views).date()
            last_exposed = max(unit.first_exposed_at for unit in units)
            for conversion in self.settings.conversions:
                last = min(self.as_of, last_exposed + conversion.window).date()
                spans[grain, conversion.name] = (first, last)
        return spans

    def _changes(self) -> list[datetime]:
        """The moments at which figures can change: on other days the last look still holds."""
        exposed = [view.exposed_at for views in self.views.values() for view in views]
        units = {
            (view.unit, view.person_id)
            for views in self.views.values()
            for view in views
            if view.unit is not None
        }
        closing = [
            moment + conversion.window
            for moment in exposed
            for conversion in self.settings.conversions
        ]
        happened = [
            one.at
            for conversions in self.happened.values()
            for unit, person_id in units
            for one in conversions.of(unit, [person_id])
        ]
        return [*exposed, *closing, *happened]

    def _rows(self, figures: Mapping[Key, Figures]) -> list[Row]:
        rows = []
        adjusted = _adjusted(figures)
        for key, found in figures.items():
            running = self.running[key]
            running.include(found, self.settings)
            row = _row(key, found, running)
            row["p_value_holm"], row["p_value_bh"] = adjusted.get(key, (None, None))
            row["status"] = status(key.variant, found, running, self.settings)
            rows.append(row)
        return rows


def _row(key: Key, figures: Figures, running: Running) -> Row:
    comparison = figures.comparison
    return {
        **key.grain._asdict(),
        "conversion": key.conversion,
        "is_main": figures.is_main,
        "metric": key.metric,
        "variant": key.variant,
        "arm": figures.arm,
        **_arm_columns("control", figures.control),
        **_arm_columns("variant", figures.variant),
        "lift": comparison.lift,
        **_bounds("lift_ci", comparison.lift_ci),
        "absolute_difference": comparison.absolute_difference,
        **_bounds("absolute_ci", comparison.absolute_ci),
        "p_value": comparison.p_value,
        **_bounds("sequential_ci", comparison.sequential_ci),
        "always_valid_p_value": comparison.always_valid_p_value,
        "running_p_value": running.p_value,
        **_bounds("running_ci", running.interval),
        "chance_to_beat_control": comparison.chance_to_beat_control,
        "expected_loss": comparison.expected_loss,
        "standard_error": comparison.standard_error,
        "srm_p_value": figures.ratio.p_value,
        "crossover_visitors": figures.ratio.crossovers,
        "minimum_detectable_effect": comparison.minimum_detectable_effect,
        "cuped_lift": figures.cuped.lift,
        **_bounds("cuped_ci", figures.cuped.ci),
        "cuped_p_value": figures.cuped.p_value,
        "variance_reduction": figures.cuped.variance_reduction,
        **_arm_columns("matured_control", figures.matured_control),
        **_arm_columns("matured_variant", figures.matured_variant),
        "matured_lift": figures.matured.lift,
        **_bounds("matured_lift_ci", figures.matured.lift_ci),
    }


def _arm_columns(prefix: str, arm: Arm) -> Row:
    return {
        f"{prefix}_visitors": arm.visitors,
        f"{prefix}_converters": arm.converters,
        f"{prefix}_total": arm.total,
        f"{prefix}_mean": arm.mean,
    }


def _bounds(prefix: str, interval: tuple[float, float] | None) -> Row:
    lower, upper = (None, None) if interval is None else interval
    return {f"{prefix}_lower": lower, f"{prefix}_upper": upper}


def _adjusted(figures: Mapping[Key, Figures]) -> dict[Key, tuple[float, float]]:
    """Holm and Benjamini-Hochberg over the family of each period of the experience.

    The family is the conversion_rate rows of one look: of its segments, or of (all) where no
    segment has a row.
    """
    adjusted: dict[Key, tuple[float, float]] = {}
    for period in {key.grain.period for key in figures}:
        rates = [key for key in figures if key.metric == RATE and key.grain.period == period]
        of_segments = [key for key in rates if key.grain.audience_segment != ALL_SEGMENTS]
        adjusted |= _adjusted_in_family(
            {
                key: p_value
                for key in of_segments or rates
                if (p_value := figures[key].comparison.p_value) is not None
            }
        )
    return adjusted


def _adjusted_in_family(p_values: Mapping[Key, float]) -> dict[Key, tuple[float, float]]:
    """Both adjusted p-values of each row of one family."""
    family = sorted(p_values, key=lambda key: p_values[key])
    size = len(family)
    holm: dict[Key, float] = {}
    largest = 0.0
    for rank, key in enumerate(family):
        largest = max(largest, min(1.0, p_values[key] * (size - rank)))
        holm[key] = largest
    bh: dict[Key, float] = {}
    smallest = 1.0
    for rank, key in reversed(list(enumerate(family))):
        smallest = min(smallest, p_values[key] * size / (rank + 1))
        bh[key] = smallest
    return {key: (holm[key], bh[key]) for key in family}
