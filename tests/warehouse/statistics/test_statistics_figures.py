"""Every figure of every look against the oracle."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.warehouse.oracle.cuped import UnitSums, adjust
from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.oracle.winsorized import winsorize
from tests.warehouse.statistics import oracle
from tests.warehouse.statistics.conftest import WINSORIZE
from tests.warehouse.statistics.experiments import all_experiments
from tests.warehouse.statistics.scenarios import FIRST_DAY, Row, Scenario, Unit

MEANS = ["conversion_rate", "conversions_per_visitor"]
VALUES = ["value_per_visitor", "value_per_conversion"]
FIGURES = [
    "control_visitors",
    "control_converters",
    "control_total",
    "control_mean",
    "variant_visitors",
    "variant_converters",
    "variant_total",
    "variant_mean",
    "lift",
    "lift_ci_lower",
    "lift_ci_upper",
    "absolute_difference",
    "absolute_ci_lower",
    "absolute_ci_upper",
    "p_value",
    "sequential_ci_lower",
    "sequential_ci_upper",
    "always_valid_p_value",
    "chance_to_beat_control",
    "expected_loss",
    "standard_error",
    "minimum_detectable_effect",
]
# Differences of figures of like size; and a loss that an integral gives to so many digits.
ABSOLUTE_TOLERANCE = {
    "lift": 1e-15,
    "absolute_difference": 1e-15,
    "expected_loss": 1e-13,
    "cuped_lift": 1e-14,
    "variance_reduction": 1e-12,
}

EXPERIMENTS = all_experiments()


def agrees(name: str, found: float | None, expected: Any) -> bool:
    """Equal to 1e-9 relative, or both absent."""
    if found is None or expected is None:
        return found is None and expected is None
    return math.isclose(
        found, float(expected), rel_tol=1e-9, abs_tol=ABSOLUTE_TOLERANCE.get(name, 0)
    )


def contrasts(experiment: Scenario, day: int) -> dict[str, tuple[list[Unit], list[Unit]]]:
    """Per variant, the units of control and of the variant."""
    control = [unit for arm in experiment.arms if arm.arm == "control" for unit in arm.on(day)]
    variants = {
        arm.variant: (control, arm.on(day))
        for arm in experiment.arms
        if arm.arm == "personalized" and arm.on(day)
    }
    return variants or {"(none)": (control, [])}


def belongs(row: Row, experiment: Scenario) -> bool:
    """Whether the row is of the experiment's grain and conversion."""
    return all(
        row[name] == getattr(experiment, name)
        for name in ["vendor", "experience", "audience_segment", "period", "conversion"]
    )


@pytest.mark.parametrize("name", sorted({experiment.experience for experiment in EXPERIMENTS}))
def test_figures_agree_with_the_oracle(daily: list[Row], name: str) -> None:
    disagreements = []
    for experiment in EXPERIMENTS:
        if experiment.experience != name:
            continue
        rows = {
            (row["metric"], (row["as_of_date"] - FIRST_DAY).days, row["variant"]): row
            for row in daily
            if belongs(row, experiment)
        }
        expected = {
            (metric, day, variant): oracle.figures(metric, *units)
            for metric in MEANS + VALUES * experiment.has_value
            for day in range(experiment.days)
            for variant, units in contrasts(experiment, day).items()
        }
        assert rows.keys() == expected.keys()
        disagreements += [
            (key, figure, rows[key][figure], figures.get(figure))
            for key, figures in expected.items()
            for figure in FIGURES
            if not agrees(figure, rows[key][figure], figures.get(figure))
        ]
    assert disagreements == []


def cuped_figures(metric: str, control: list[Unit], variant: list[Unit]) -> dict[str, float | None]:
    """The adjusted figures, from exact fractions."""

    def sums(units: list[Unit]) -> tuple[UnitSums, ...]:
        numerators, denominators, _ = oracle.observations(metric, units)
        covariates = {
            "conversion_rate": [int(unit.pre_conversions > 0) for unit in units],
            "conversions_per_visitor": [unit.pre_conversions for unit in units],
        }.get(metric, [unit.pre_value for unit in units])
        return tuple(map(UnitSums, numerators, denominators, covariates))

    adjusted = adjust(sums(control), sums(variant), oracle.SETTINGS.alpha)
    lower, upper = adjusted.ci or (None, None)
    return {
        "cuped_lift": adjusted.lift,
        "cuped_ci_lower": lower,
        "cuped_ci_upper": upper,
        "cuped_p_value": adjusted.p_value,
        "variance_reduction": adjusted.variance_reduction,
    }


EXTREME = [experiment for experiment in EXPERIMENTS if experiment.experience == "extreme"]


@pytest.mark.parametrize("metric", MEANS + VALUES)
def test_adjusted_figures_of_extreme_values_are_exact(lifts: list[Row], metric: str) -> None:
    rows = {row["conversion"]: row for row in lifts if row["metric"] == metric}
    disagreements = [
        (experiment.conversion, name, rows[experiment.conversion][name], expected)
        for experiment in EXTREME
        for name, expected in cuped_figures(
            metric, *(list(arm.units) for arm in experiment.arms)
        ).items()
        if not agrees(name, rows[experiment.conversion][name], expected)
    ]
    assert disagreements == []


@pytest.mark.parametrize("metric", ["conversions_per_visitor", "value_per_visitor"])
def test_capped_figures_of_extreme_values_are_exact(lifts: list[Row], metric: str) -> None:
    rows = {row["conversion"]: row for row in lifts if row["metric"] == metric}
    settings = OracleSettings(winsorize=WINSORIZE)
    disagreements = []
    for experiment in EXTREME:
        (control, _, scale), (variant, _, _) = (
            oracle.observations(metric, arm.units) for arm in experiment.arms
        )
        disagreements += [
            (experiment.conversion, name, rows[experiment.conversion][name], expected)
            for name, expected in winsorize(control, variant, scale, settings).columns().items()
            if not agrees(name, rows[experiment.conversion][name], expected)
        ]
    assert disagreements == []


@pytest.mark.parametrize("metric", MEANS + VALUES)
def test_matured_figures_of_closed_windows_are_those_of_all(lifts: list[Row], metric: str) -> None:
    for row in lifts:
        if row["metric"] == metric:
            for name in ("control_total", "variant_mean", "lift", "lift_ci_lower", "lift_ci_upper"):
                assert row[f"matured_{name}"] == row[name]


def test_no_figure_is_nan_or_infinite(daily: list[Row], lifts: list[Row]) -> None:
    doubles = [value for row in daily + lifts for value in row.values() if isinstance(value, float)]
    assert doubles
    assert all(map(math.isfinite, doubles))
