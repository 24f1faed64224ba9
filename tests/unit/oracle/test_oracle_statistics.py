"""The formulas against published figures and against tea-tasting."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import tea_tasting as tt
import tea_tasting.aggr
from scipy import integrate, stats

from tests.warehouse.oracle.statistics import (
    ArmSums,
    StatisticsSettings,
    chi_square,
    compare,
    heterogeneity,
    largest_deviation,
)

SETTINGS = StatisticsSettings()
Pairs = list[tuple[Fraction | int, int]]


def rates(converters: int, visitors: int) -> ArmSums:
    return ArmSums.of([(int(unit < converters), 1) for unit in range(visitors)])


def test_published_example() -> None:
    figures = compare(rates(12, 364), rates(19, 379), SETTINGS)
    assert figures.lift == pytest.approx(0.5207, abs=5e-5)
    assert figures.p_value == pytest.approx(0.2408, abs=5e-5)
    assert chi_square({"control": 364, "personalized": 379}, {"control": 1, "personalized": 1}) == (
        pytest.approx(0.582, abs=5e-4)
    )


def random_pairs(seed: int, units: int, rate: float) -> Pairs:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rate, units)
    return [
        (
            sum((Fraction(int(cents), 100) for cents in rng.integers(1, 9999, count)), Fraction(0)),
            int(count),
        )
        for count in counts
    ]


def aggregates(pairs: Pairs) -> tea_tasting.aggr.Aggregates:
    values = np.array([[float(y), float(d)] for y, d in pairs])
    covariance = np.cov(values.T)
    return tea_tasting.aggr.Aggregates(
        count_=len(pairs),
        mean_={"y": values[:, 0].mean(), "d": values[:, 1].mean()},
        var_={"y": covariance[0, 0], "d": covariance[1, 1]},
        cov_={("d", "y"): covariance[0, 1]},
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("is_ratio", [False, True])
def test_lift_interval_and_p_agree_with_tea_tasting(seed: int, is_ratio: bool) -> None:
    control, variant = random_pairs(seed, 60, 1.0), random_pairs(seed + 100, 75, 1.3)
    metric = tt.RatioOfMeans("y", "d") if is_ratio else tt.Mean("y")
    theirs = metric.analyze_aggregates(aggregates(control), aggregates(variant))
    ours = compare(ArmSums.of(control, is_ratio), ArmSums.of(variant, is_ratio), SETTINGS)
    assert ours.lift == pytest.approx(theirs.rel_effect_size, rel=1e-9)
    assert ours.lift_ci == pytest.approx(
        (theirs.rel_effect_size_ci_lower, theirs.rel_effect_size_ci_upper), rel=1e-9
    )
    assert ours.absolute_difference == pytest.approx(theirs.effect_size, rel=1e-9)
    assert ours.absolute_ci == pytest.approx(
        (theirs.effect_size_ci_lower, theirs.effect_size_ci_upper), rel=1e-9
    )
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)


def test_p_value_is_welchs() -> None:
    control, variant = random_pairs(1, 20, 1), random_pairs(2, 31, 2)
    expected = stats.ttest_ind(
        [float(y) for y, _ in variant], [float(y) for y, _ in control], equal_var=False
    )
    ours = compare(ArmSums.of(control), ArmSums.of(variant), SETTINGS)
    assert ours.p_value == pytest.approx(float(expected.pvalue), rel=1e-9)


def test_standard_error_is_the_relative_delta_method() -> None:
    # Means 1/4 and 1/2, variances 3/4 * 4 / 3 * 1/4 = 1/4 and 1/3, four units each.
    figures = compare(rates(1, 4), rates(2, 4), SETTINGS)
    expected = (1 / 3) / (4 * 0.25**2) + 0.25 * 0.5**2 / (4 * 0.25**4)
    assert figures.standard_error == pytest.approx(math.sqrt(expected), rel=1e-12)


def test_sequential_figures_by_hand() -> None:
    assert (-2 * math.log(0.05) + math.log(1 - 2 * math.log(0.05))) / 5000 == (
        pytest.approx(0.0015872, abs=5e-8)
    )
    figures = compare(rates(20, 200), rates(50, 200), SETTINGS)
    rho2 = (-2 * math.log(0.05) + math.log(1 - 2 * math.log(0.05))) / 5000
    q = 400 * rho2 + 1
    variances = 200 * 0.1 * 0.9 / 199, 200 * 0.25 * 0.75 / 199
    z = 0.15 / math.sqrt(sum(variances) / 200)
    assert figures.always_valid_p_value == pytest.approx(
        math.sqrt(q) * math.exp(-rho2 * 400 * z * z / (2 * q)), rel=1e-12
    )
    quantile = math.sqrt(2 * q / (400 * rho2) * math.log(math.sqrt(q) / 0.05))
    spread = math.sqrt(variances[0] / (200 * 0.1**2) + variances[1] / (200 * 0.25**2))
    assert figures.sequential_ci == pytest.approx(
        (2.5 * math.exp(-quantile * spread) - 1, 2.5 * math.exp(quantile * spread) - 1), rel=1e-12
    )


def test_always_valid_p_is_at_most_one() -> None:
    assert compare(rates(5, 50), rates(5, 50), SETTINGS).always_valid_p_value == 1.0


def test_posterior_is_the_integral_over_the_lift() -> None:
    settings = StatisticsSettings(prior_mean=0.05, prior_stddev=0.2)
    figures = compare(rates(40, 200), rates(52, 210), settings)
    observed, error = figures.lift, figures.standard_error
    assert observed is not None
    assert error is not None

    def density(lift: float) -> float:
        return float(stats.norm.pdf(observed, lift, error) * stats.norm.pdf(lift, 0.05, 0.2))

    whole = integrate.quad(density, -4, 4)[0]
    better = integrate.quad(density, 0, 4)[0]
    loss = integrate.quad(lambda lift: -lift * density(lift), -4, 0)[0]
    assert figures.chance_to_beat_control == pytest.approx(better / whole, rel=1e-6)
    assert figures.expected_loss == pytest.approx(loss / whole, rel=1e-6)


def test_detectable_effect_solves_its_equation() -> None:
    control, variant = rates(60, 400), rates(70, 300)
    effect = compare(control, variant, SETTINGS).minimum_detectable_effect
    assert effect is not None
    k = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    spread = (400 * 0.15 * 0.85 / 399) / 0.15**2
    assert effect == pytest.approx(
        k * math.sqrt(spread * (1 / 300 + (1 + effect) ** 2 / 400)), rel=1e-9
    )
    assert compare(rates(1, 30), rates(1, 30), SETTINGS).minimum_detectable_effect is None
    assert compare(rates(30, 30), rates(1, 30), SETTINGS).minimum_detectable_effect is None


def test_what_cannot_be_computed_is_none() -> None:
    zero = compare(rates(0, 10), rates(3, 10), SETTINGS)
    assert (zero.lift, zero.lift_ci, zero.standard_error) == (None, None, None)
    assert zero.absolute_difference == pytest.approx(0.3)
    assert zero.p_value is not None
    lost = compare(rates(3, 10), rates(0, 10), SETTINGS)
    assert (lost.lift, lost.lift_ci, lost.sequential_ci) == (-1.0, None, None)
    assert lost.p_value is not None
    flat = compare(rates(10, 10), rates(10, 10), SETTINGS)
    assert flat.has_no_variance
    assert (flat.lift, flat.p_value, flat.absolute_ci, flat.chance_to_beat_control) == (
        0.0,
        None,
        None,
        None,
    )
    single = compare(rates(1, 1), rates(1, 2), SETTINGS)
    assert (single.lift, single.p_value, single.has_no_variance) == (-0.5, None, False)
    assert compare(rates(0, 0), rates(1, 2), SETTINGS).absolute_difference is None


def test_variance_in_one_arm_is_enough() -> None:
    figures = compare(rates(10, 10), rates(5, 10), SETTINGS)
    assert figures.lift_ci is not None
    assert not figures.has_no_variance


def test_negative_control_mean_keeps_the_sign_of_the_change() -> None:
    control, variant = ArmSums.of([(-2, 1), (-4, 1)]), ArmSums.of([(-1, 1), (-2, 1)])
    assert compare(control, variant, SETTINGS).lift == 0.5
    assert compare(control, variant, SETTINGS).lift_ci is None


def test_ratio_variance_of_equal_ratios_is_exactly_zero() -> None:
    arm = ArmSums.of([(Fraction(1, 10) * d, d) for d in (1, 2, 3, 7)], is_ratio=True)
    assert arm.variance == 0


def test_sample_ratio_counts_empty_arms_and_needs_two() -> None:
    assert chi_square({"a": 10}, {"a": 0.5, "b": 0.5}) == pytest.approx(
        float(stats.chisquare([10, 0]).pvalue)
    )
    assert chi_square({"a": 10}, {"a": 1.0}) is None
    assert chi_square({}, {"a": 0.5, "b": 0.5}) is None
    assert largest_deviation({"a": 9, "b": 1}, {"a": 0.5, "b": 0.5}) == pytest.approx(0.4)


def test_heterogeneity_is_pearson_without_correction() -> None:
    table = [(30, 10), (20, 25), (0, 0)]
    found = heterogeneity(table)
    assert found is not None
    assert found[0] == pytest.approx(30 / 40 - 20 / 45)
    expected = stats.chi2_contingency(table[:2], correction=False)
    assert found[1] == pytest.approx(float(expected.pvalue))
    assert heterogeneity([(3, 0), (4, 0)]) is None
    assert heterogeneity([(3, 1)]) is None
