"""Sample size, power and days: against statsmodels, tea-tasting, and each other."""

from __future__ import annotations

from math import sqrt

import pytest
import tea_tasting as tt
import tea_tasting.aggr
from scipy.special import ndtri
from statsmodels.stats.power import NormalIndPower

from jobs.plan.power import NONE, ONE_EACH, Arms, days_needed, power_of, visitors_needed

ALPHA, POWER = 0.05, 0.8
DESIGNS = [(0.05, 0.117), (0.10, 0.117), (0.20, 0.5), (1.0, 0.01), (-0.3, 0.2)]


def _relative_variance(rate: float) -> float:
    return (1 - rate) / rate


@pytest.mark.parametrize(("lift", "rate"), DESIGNS)
@pytest.mark.parametrize("visitors", [Arms(400, 400), Arms(400, 3600), Arms(30_000, 20_000)])
def test_power_is_that_of_statsmodels_for_an_effect_in_our_standard_errors(
    lift: float, rate: float, visitors: Arms
) -> None:
    # statsmodels weighs 1 of both arms by one variance; ours weighs control's by (1 + lift)²,
    # which makes (1 + lift)² / n its own n.
    effect = lift / sqrt(_relative_variance(rate))
    weighted = visitors.control / (1 + lift) ** 2
    expected = NormalIndPower().power(
        effect, nobs1=visitors.variant, alpha=ALPHA, ratio=weighted / visitors.variant
    )
    assert power_of(lift, _relative_variance(rate), visitors, ALPHA) == pytest.approx(
        expected, rel=1e-9
    )


@pytest.mark.parametrize(("lift", "rate"), DESIGNS)
@pytest.mark.parametrize("power", [0.3, 0.8, 0.95])
def test_visitors_needed_are_the_fewest_of_equal_arms_with_the_power(
    lift: float, rate: float, power: float
) -> None:
    variance = _relative_variance(rate)
    needed = visitors_needed(lift, variance, ALPHA, power)
    effect = lift / sqrt(variance * (1 + (1 + lift) ** 2) / 2)
    solved = NormalIndPower().solve_power(abs(effect), alpha=ALPHA, power=power, ratio=1)
    assert solved <= needed <= solved + 1
    assert power_of(lift, variance, Arms(needed, needed), ALPHA) >= power
    assert power_of(lift, variance, Arms(needed - 1, needed - 1), ALPHA) < power


def test_visitors_needed_exceed_those_for_the_absolute_difference_as_the_lift_is_relative() -> None:
    # tea-tasting gives the visitors for the absolute difference: it does not count that a lift
    # is divided by a control that is measured too, (1 + (1 + lift)²) / 2 of ours.
    lift, rate = 0.1, 0.117
    observed = tea_tasting.aggr.Aggregates(
        count_=1000, mean_={"converted": rate}, var_={"converted": rate * (1 - rate)}
    )
    metric = tt.Mean("converted", rel_effect_size=lift, alpha=ALPHA, power=POWER, use_t=False)
    (solved,) = metric.solve_power_from_aggregates(observed, "n_obs")
    needed = visitors_needed(lift, _relative_variance(rate), ALPHA, POWER)
    assert needed == pytest.approx(solved.n_obs / 2 * (1 + (1 + lift) ** 2) / 2, rel=1e-3)


def test_the_minimum_detectable_effect_has_the_configured_power() -> None:
    # The published figure: δ = k √(v / m² · (1 / n_V + (1 + δ)² / n_C)).
    visitors, variance = Arms(375, 378), _relative_variance(0.117)
    k = ndtri(1 - ALPHA / 2) + ndtri(POWER)
    a, b = k**2 * variance / visitors.control, k**2 * variance / visitors.variant
    effect = (a + sqrt(a + b - a * b)) / (1 - a)
    assert power_of(effect, variance, visitors, ALPHA) == pytest.approx(POWER, abs=1e-5)


@pytest.mark.parametrize("per_day", [Arms(10, 10), Arms(3, 27), Arms(90, 10)])
@pytest.mark.parametrize("so_far", [NONE, Arms(500, 100), Arms(0, 700)])
def test_days_needed_are_the_fewest_after_which_the_power_is_reached(
    so_far: Arms, per_day: Arms
) -> None:
    lift, variance = 0.1, _relative_variance(0.117)
    days = days_needed(lift, variance, so_far, per_day, ALPHA, POWER)
    assert days is not None

    def power_after(days: int) -> float:
        visitors = Arms(
            so_far.control + days * per_day.control, so_far.variant + days * per_day.variant
        )
        return power_of(lift, variance, visitors, ALPHA)

    assert power_after(days - 1) < POWER <= power_after(days)


def test_days_needed_are_none_left_where_the_visitors_so_far_are_enough() -> None:
    enough = Arms(100_000, 100_000)
    assert days_needed(0.1, _relative_variance(0.117), enough, NONE, ALPHA, POWER) == 0


@pytest.mark.parametrize("per_day", [Arms(0, 10), Arms(10, 0), NONE])
def test_days_needed_are_unknown_without_traffic_in_both_arms(per_day: Arms) -> None:
    so_far = Arms(375, 378)
    assert days_needed(0.1, _relative_variance(0.117), so_far, per_day, ALPHA, POWER) is None


def test_power_without_visitors_in_an_arm_is_zero() -> None:
    assert power_of(0.1, 1, Arms(0, 100), ALPHA) == 0


def test_a_power_that_chance_alone_has_needs_nobody() -> None:
    assert visitors_needed(0.1, 1, alpha=0.1, power=0.1) == 0
    assert days_needed(0.1, 1, NONE, ONE_EACH, alpha=0.1, power=0.05) == 0
