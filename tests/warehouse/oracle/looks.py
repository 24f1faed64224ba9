"""One look at an experience: units, outcomes and figures from what happened before a moment."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from tests.warehouse.oracle.assignments import (
    ALL_SEGMENTS,
    Assignment,
    Grain,
    assign,
    counted,
)
from tests.warehouse.oracle.conversions import Outcome
from tests.warehouse.oracle.cuped import Adjusted, UnitSums, adjust
from tests.warehouse.oracle.exposures import CONTROL, PERSONALIZED, Exposure
from tests.warehouse.oracle.outcomes import UnitOutcome, unit_outcomes
from tests.warehouse.oracle.settings import Conversion, OracleSettings
from tests.warehouse.oracle.statistics import (
    ArmSums,
    Comparison,
    StatisticsSettings,
    chi_square,
    compare,
    heterogeneity,
    largest_deviation,
)
from tests.warehouse.oracle.units import UnitConversions
from tests.warehouse.oracle.values import UNITS
from tests.warehouse.oracle.winsorized import Winsorized, winsorize

NO_VARIANT = "(none)"
RATE = "conversion_rate"
COUNT = "conversions_per_visitor"
VALUE = "value_per_visitor"
VALUE_PER_CONVERSION = "value_per_conversion"
VALUE_METRICS = (VALUE, VALUE_PER_CONVERSION)
CAPPED = (COUNT, VALUE)
ONE_POINT = 0.01


@dataclass(frozen=True)
class Key:
    """A row of `fct_experience_lift`."""

    grain: Grain
    conversion: str
    metric: str
    variant: str


@dataclass(frozen=True)
class Ratio:
    """The sample ratio of a grain."""

    p_value: float | None
    cause: str | None
    crossovers: int

    @property
    def is_mismatch(self) -> bool:
        """Whether the status says so."""
        return self.cause is not None


@dataclass(frozen=True)
class Arm:
    """An arm's counts and sums; `sums` is None when the metric has no meaning."""

    visitors: int
    converters: int
    sums: ArmSums | None

    @property
    def total(self) -> float | None:
        return None if self.sums is None else float(self.sums.y)

    @property
    def mean(self) -> float | None:
        mean = None if self.sums is None else self.sums.mean
        return None if mean is None else float(mean)


@dataclass(frozen=True)
class Figures:
    """All that a row shows but the running figures and its status."""

    control: Arm
    variant: Arm
    comparison: Comparison
    matured_control: Arm
    matured_variant: Arm
    matured: Comparison
    cuped: Adjusted
    winsorized: Winsorized
    ratio: Ratio
    arm: str | None
    is_main: bool


def metrics_of(conversion: Conversion) -> tuple[str, ...]:
    """Value metrics exist only where a value path is configured."""
    return (RATE, COUNT) if conversion.value is None else (RATE, COUNT, *VALUE_METRICS)


def look(
    views: Mapping[Grain, Sequence[Exposure]],
    happened: Mapping[str, UnitConversions],
    settings: OracleSettings,
    before: datetime | None,
    closed_by: datetime,
) -> dict[Key, Figures]:
    """The figures of one experience from messages before `before` (None: all of them).

    `views` holds all grains of one experience, `happened` what its vendor counts by conversion.
    A unit is matured when its window ends not later than `closed_by`.
    """
    assigned: dict[Grain, list[Assignment]] = {}
    for grain, seen in views.items():
        visible = [view for view in seen if before is None or view.exposed_at < before]
        if visible:
            assigned[grain] = assign(grain, visible, settings)
    ratios = {grain: _ratio(grain, units, assigned, settings) for grain, units in assigned.items()}
    found: dict[Key, Figures] = {}
    for conversion in settings.conversions:
        grains = {
            grain: unit_outcomes(
                counted(units, settings.crossover),
                views[grain],
                happened[conversion.name],
                conversion,
                settings,
                before,
            )
            for grain, units in assigned.items()
        }
        currencies = {
            currency
            for units in grains.values()
            for unit in units
            for currency in unit.inside.currencies
        }
        for grain, units in grains.items():
            for metric in metrics_of(conversion):
                is_void = metric in VALUE_METRICS and len(currencies) > 1
                for variant, figures in _figures(
                    units, metric, is_void, conversion, ratios[grain], closed_by, settings
                ):
                    found[Key(grain, conversion.name, metric, variant)] = figures
    return found


def _figures(
    units: Sequence[UnitOutcome],
    metric: str,
    is_void: bool,
    conversion: Conversion,
    ratio: Ratio,
    closed_by: datetime,
    settings: OracleSettings,
) -> Iterable[tuple[str, Figures]]:
    control = [unit for unit in units if unit.assignment.arm == CONTROL]
    by_variant: defaultdict[str, list[UnitOutcome]] = defaultdict(list)
    for unit in units:
        if unit.assignment.arm == PERSONALIZED:
            by_variant[unit.assignment.variant].append(unit)
    if not by_variant:
        by_variant[NO_VARIANT] = []
    for variant, treated in sorted(by_variant.items()):
        closed_control = [unit for unit in control if unit.closes_at <= closed_by]
        closed_treated = [unit for unit in treated if unit.closes_at <= closed_by]
        arms = arm_of(control, metric, is_void), arm_of(treated, metric, is_void)
        matured = arm_of(closed_control, metric, is_void), arm_of(closed_treated, metric, is_void)
        yield (
            variant,
            Figures(
                control=arms[0],
                variant=arms[1],
                comparison=compare_arms(*arms, settings),
                matured_control=matured[0],
                matured_variant=matured[1],
                matured=compare_arms(*matured, settings),
                cuped=Adjusted() if is_void else _adjust(control, treated, metric, settings),
                winsorized=Winsorized()
                if is_void or metric not in CAPPED
                else _winsorize(control, treated, metric, settings),
                ratio=ratio,
                arm=None if variant == NO_VARIANT else PERSONALIZED,
                is_main=conversion.main,
            ),
        )


def arm_of(units: Sequence[UnitOutcome], metric: str, is_void: bool) -> Arm:
    """Counts and sums of the units of an arm; a metric that is void has no sums."""
    scale = UNITS if metric in VALUE_METRICS else 1
    pairs = [
        (Fraction(_numerator(unit.inside, metric), scale), _denominator(unit.inside, metric))
        for unit in units
    ]
    return Arm(
        visitors=len(units),
        converters=sum(unit.inside.converted for unit in units),
        sums=None if is_void else ArmSums.of(pairs, is_ratio=metric == VALUE_PER_CONVERSION),
    )


def _numerator(done: Outcome, metric: str) -> int:
    """Of one unit, in units of 1/10,000 where it is a value."""
    if metric == RATE:
        return int(done.converted)
    return done.conversions if metric == COUNT else done.value


def _denominator(done: Outcome, metric: str) -> int:
    return done.valued_conversions if metric == VALUE_PER_CONVERSION else 1


def compare_arms(control: Arm, variant: Arm, settings: OracleSettings) -> Comparison:
    """The figures of a variant against control; none of them where there are no sums."""
    if control.sums is None or variant.sums is None:
        return Comparison()
    return compare(control.sums, variant.sums, StatisticsSettings.of(settings))


def _adjust(
    control: Sequence[UnitOutcome],
    variant: Sequence[UnitOutcome],
    metric: str,
    settings: OracleSettings,
) -> Adjusted:
    """Against what a unit already did of the same metric."""

    def sums(units: Sequence[UnitOutcome]) -> tuple[UnitSums, ...]:
        found = [
            UnitSums(
                y=_numerator(unit.inside, metric),
                w=_denominator(unit.inside, metric),
                x=_numerator(unit.earlier, metric),
            )
            for unit in units
        ]
        return tuple(sorted(found))  # as often as such units come up again

    return adjust(sums(control), sums(variant), settings.alpha)


def _winsorize(
    control: Sequence[UnitOutcome],
    variant: Sequence[UnitOutcome],
    metric: str,
    settings: OracleSettings,
) -> Winsorized:
    totals, treated = (
        [_numerator(unit.inside, metric) for unit in units] for units in (control, variant)
    )
    return winsorize(totals, treated, UNITS if metric in VALUE_METRICS else 1, settings)


def _ratio(
    grain: Grain,
    units: Sequence[Assignment],
    assigned: Mapping[Grain, Sequence[Assignment]],
    settings: OracleSettings,
) -> Ratio:
    """The sample ratio of a grain: of units that are no crossovers."""
    steady = [unit for unit in units if not unit.is_crossover]
    split = settings.expected_split.get(grain.experience)
    observed: Counter[str] = Counter()
    for unit in steady:
        if split is None or unit.variant in split:
            observed[unit.variant] += 1
        elif unit.arm in split:
            observed[unit.arm] += 1
    weights = dict.fromkeys(observed, 1.0) if split is None else dict(split)
    p_value = chi_square(observed, weights)
    is_mismatch = (
        split is not None
        and p_value is not None
        and p_value < settings.srm_alpha
        and largest_deviation(observed, weights) > ONE_POINT
    )
    cause = "expected_split" if is_mismatch else None
    if grain.audience_segment == ALL_SEGMENTS and not is_mismatch:
        is_mixed = _differs_between_segments(grain.period, assigned, settings)
        cause = "audience_segments" if is_mixed else None
    return Ratio(p_value, cause, sum(unit.is_crossover for unit in units))


def _differs_between_segments(
    period: date | None,
    assigned: Mapping[Grain, Sequence[Assignment]],
    settings: OracleSettings,
) -> bool:
    table = []
    for grain, units in assigned.items():
        if grain.period == period and grain.audience_segment != ALL_SEGMENTS:
            arms = Counter(unit.arm for unit in units if not unit.is_crossover)
            table.append((arms[PERSONALIZED], arms[CONTROL]))
    found = heterogeneity(table)
    return found is not None and found[0] > ONE_POINT and found[1] < settings.srm_alpha
