"""Figures against published packages, and against results that others have published."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
import tea_tasting as tt
from jinja2 import Template
from scipy import integrate, optimize, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest
from statsmodels.stats.weightstats import ttest_ind
from tea_tasting import aggr

from tests.warehouse.statistics.experiments import all_experiments
from tests.warehouse.statistics.oracle import SETTINGS, covariance, observations
from tests.warehouse.statistics.scenarios import Row, Scenario, Unit

MODEL = Path(__file__).parents[3] / "models" / "intermediate" / "lift" / "int_adjusted_p_values.sql"
METRICS = [
    "conversion_rate",
    "conversions_per_visitor",
    "value_per_visitor",
    "value_per_conversion",
]


def experiment(name: str) -> Scenario:
    """Its (all) rows of order."""
    (found,) = (
        each
        for each in all_experiments()
        if (each.experience, each.audience_segment, each.conversion) == (name, "(all)", "order")
    )
    return found


def last_look(lifts: list[Row], name: str, metric: str) -> Row:
    """The published row of the experiment's order conversion over all segments."""
    (found,) = (
        row
        for row in lifts
        if row["experience"] == name
        and row["audience_segment"] == "(all)"
        and row["conversion"] == "order"
        and row["metric"] == metric
    )
    return found


def aggregates(metric: str, units: Sequence[Unit]) -> aggr.Aggregates:
    """What tea-tasting computes from: moments of numerator and denominator."""
    y, w, scale = observations(metric, units)
    n = len(units)
    return aggr.Aggregates(
        count_=n,
        mean_={"y": sum(y) / n / scale, "w": sum(w) / n},
        var_={"y": float(covariance(y, y)) / scale**2, "w": float(covariance(w, w))},
        cov_={("w", "y"): float(covariance(w, y)) / scale},
    )


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", ["plain", "rare"])
def test_fixed_horizon_agrees_with_tea_tasting(lifts: list[Row], name: str, metric: str) -> None:
    control, variant = (
        aggregates(metric, arm.on(experiment(name).days)) for arm in experiment(name).arms
    )
    test: Any = tt.RatioOfMeans("y", "w") if metric == "value_per_conversion" else tt.Mean("y")
    expected = test.analyze_aggregates(control, variant)
    row = last_look(lifts, name, metric)
    found = {
        "control": row["control_mean"],
        "treatment": row["variant_mean"],
        "effect_size": row["absolute_difference"],
        "effect_size_ci_lower": row["absolute_ci_lower"],
        "effect_size_ci_upper": row["absolute_ci_upper"],
        "rel_effect_size": row["lift"],
        "rel_effect_size_ci_lower": row["lift_ci_lower"],
        "rel_effect_size_ci_upper": row["lift_ci_upper"],
        "pvalue": row["p_value"],
    }
    assert found == pytest.approx({key: getattr(expected, key) for key in found}, rel=1e-9)


@pytest.mark.parametrize("metric", METRICS[:3])
@pytest.mark.parametrize("name", ["plain", "rare", "refunded"])
def test_p_value_agrees_with_statsmodels_on_raw_units(
    lifts: list[Row], name: str, metric: str
) -> None:
    control, variant = (
        observations(metric, arm.on(experiment(name).days))[0] for arm in experiment(name).arms
    )
    _, expected, _ = ttest_ind(variant, control, usevar="unequal")
    assert last_look(lifts, name, metric)["p_value"] == pytest.approx(expected, rel=1e-9)


def test_published_example_of_19_in_379_against_12_in_364(lifts: list[Row]) -> None:
    """Abmatic's: +52.07 %. Its own test pools the variances, ours does not."""
    row = last_look(lifts, "published example", "conversion_rate")
    assert (row["variant_converters"], row["control_converters"]) == (19, 12)
    assert round(row["variant_mean"] * 100, 4) == 5.0132
    assert round(row["control_mean"] * 100, 4) == 3.2967
    assert round(row["srm_p_value"], 3) == 0.582
    assert row["status"] != "sample_ratio_mismatch"
    assert round(row["lift"] * 100, 2) == 52.07
    assert round(row["p_value"], 4) == 0.2408
    assert round(proportions_ztest([19, 12], [379, 364])[1], 4) == 0.2421


def test_published_welch_test_of_students_sleep(lifts: list[Row]) -> None:
    """The example of R's `t.test(extra ~ group, data = sleep)`; data of Student (1908)."""
    row = last_look(lifts, "sleep", "value_per_visitor")
    assert (row["control_mean"], row["variant_mean"]) == pytest.approx((0.75, 2.33))
    assert round(row["p_value"], 5) == 0.07939
    assert round(row["absolute_ci_lower"], 7) == -0.2054832
    assert round(row["absolute_ci_upper"], 7) == 3.3654832


def test_published_log_interval_of_a_relative_risk(lifts: list[Row]) -> None:
    """Moore, McCabe, Craig: Introduction to the Practice of Statistics, 9th ed., example 8.18:
    45 of 411 patients against 73 of 411, a relative risk of 62 %, from 44 to 87 %."""
    row = last_look(lifts, "aspirin", "conversion_rate")
    risks = [row[name] + 1 for name in ["lift", "lift_ci_lower", "lift_ci_upper"]]
    assert [round(risk, 2) for risk in risks] == [0.62, 0.44, 0.87]


def test_published_confidence_sequence_of_growthbook(lifts: list[Row]) -> None:
    """GrowthBook, packages/stats/tests/frequentist/test_tests.py, test_sequential_test_runs_prop:
    1396 of 3000 against 2422 of 3461, stddev 0.03386, symmetric from 0.40098 to 0.60675."""
    row = last_look(lifts, "sequential", "conversion_rate")
    assert round(row["lift"], 5) == 0.50386
    assert row["standard_error"] == pytest.approx(0.03386, abs=1e-5)
    half_width = math.log((1 + row["sequential_ci_upper"]) / (1 + row["lift"]))
    log_error = math.hypot(
        math.sqrt((1 - row["control_mean"]) / 1396), math.sqrt((1 - row["variant_mean"]) / 2422)
    )
    assert half_width / log_error == pytest.approx((0.60675 - 0.40098) / 2 / 0.03386, rel=5e-4)


def test_published_sample_size_for_a_change_of_five_percent(lifts: list[Row]) -> None:
    """Kohavi, Longbotham, Sommerfield, Henne: Controlled experiments on the web (2009): 121,600
    users in each arm detect 5 % on a rate of 5 %, by the rule 16 σ² / Δ²."""
    row = last_look(lifts, "planned", "conversion_rate")
    assert round(row["minimum_detectable_effect"], 2) == 0.05


def rates_with(lifts: list[Row], figure: str) -> list[Row]:
    """The conversion rates that have the figure."""
    found = [row for row in lifts if row["metric"] == "conversion_rate" and row[figure] is not None]
    assert found
    return found


def test_posterior_is_the_integral_of_its_shortfall(lifts: list[Row]) -> None:
    """The loss where the lift is below zero, by quadrature."""
    for row in rates_with(lifts, "expected_loss"):
        weight = 1 / row["standard_error"] ** 2
        posterior = stats.norm(
            row["lift"] * weight / (weight + 1 / SETTINGS.prior_stddev**2),
            (weight + 1 / SETTINGS.prior_stddev**2) ** -0.5,
        )
        lowest = posterior.mean() - 12 * posterior.std()
        loss, _ = integrate.quad(
            lambda lift, density=posterior.pdf: -lift * density(lift),
            lowest,
            max(lowest, min(0, posterior.mean() + 12 * posterior.std())),
            epsabs=1e-14,
            epsrel=1e-11,
        )
        assert row["expected_loss"] == pytest.approx(loss, rel=1e-9, abs=1e-13)
        assert row["chance_to_beat_control"] == pytest.approx(posterior.sf(0), rel=1e-9)


def test_minimum_detectable_effect_is_where_the_power_is_reached(lifts: list[Row]) -> None:
    """By search for a sign change of δ - k √(…), not by the closed form."""
    k = stats.norm.ppf(1 - SETTINGS.alpha / 2) + stats.norm.ppf(SETTINGS.power)

    def surplus(effect: float, row: Row) -> float:
        n, rate = row["control_visitors"], row["control_mean"]
        variance = rate * (1 - rate) * n / (n - 1) / rate**2
        spread = variance * (1 / row["variant_visitors"] + (1 + effect) ** 2 / n)
        return float(effect - k * math.sqrt(spread))

    for row in rates_with(lifts, "minimum_detectable_effect"):
        found = optimize.brentq(surplus, 0, 1e9, args=(row,), xtol=1e-300, rtol=1e-14, maxiter=9999)
        assert row["minimum_detectable_effect"] == pytest.approx(found, rel=1e-9)


def test_published_sample_ratio_mismatch(lifts: list[Row]) -> None:
    """Kohavi, Tang, Xu: Trustworthy Online Controlled Experiments (2020), chapter 21: 821,588
    users against 815,482, p = 1.8E-6. Less than a point apart, it is shown and no verdict."""
    row = last_look(lifts, "published split", "conversion_rate")
    assert f"{row['srm_p_value']:.1E}" == "1.8E-06"
    assert row["status"] != "sample_ratio_mismatch"


def test_published_example_of_the_false_discovery_rate() -> None:
    """Benjamini and Hochberg (1995): of fifteen p-values theirs rejects four, Bonferroni's three;
    so does Holm's."""
    published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    published += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    model = Template(MODEL.read_text()).render(ref=lambda _: "given")
    found = duckdb.execute(
        f"""
        with given as (
            select
                position as study_id, 0 as pooled_study_id, 'all' as population,
                'conversion_rate' as metric, null as conversion, null as as_of_date,
                null as variant, p_value
            from unnest($published) with ordinality as given (p_value, position)
        )
        select count(*) filter (p_value_bh < 0.05), count(*) filter (p_value_holm < 0.05)
        from ({model})
        """,
        {"published": published},
    ).fetchall()
    assert found == [(4, 3)]


def adjusted_alike(rows: Sequence[Row]) -> bool:
    """Whether a family's adjusted p-values are statsmodels'."""
    p_values = [row["p_value"] for row in rows]
    return all(
        [row[column] for row in rows]
        == pytest.approx(multipletests(p_values, method=method)[1].tolist(), rel=1e-9)
        for column, method in [("p_value_holm", "holm"), ("p_value_bh", "fdr_bh")]
    )


def test_adjusted_p_values_are_over_an_experience_without_its_all_rows(lifts: list[Row]) -> None:
    rates = [
        row for row in lifts if row["experience"] == "plain" and row["metric"] == "conversion_rate"
    ]
    family = [row for row in rates if row["audience_segment"] != "(all)"]
    assert len(family) == 4
    assert adjusted_alike(family)
    assert {row["p_value_holm"] for row in rates if row not in family} == {None}


def test_adjusted_p_values_without_segments_are_over_the_all_rows_of_a_period(
    lifts: list[Row],
) -> None:
    rates = [
        row
        for row in lifts
        if row["experience"] == "many variants" and row["metric"] == "conversion_rate"
    ]
    periods = {row["period"] for row in rates}
    assert len(periods) == 2
    for period in periods:
        family = [row for row in rates if row["period"] == period]
        assert len(family) == 6
        assert adjusted_alike(family)


def test_adjusted_p_values_of_a_day_are_over_that_day(daily: list[Row]) -> None:
    rates = [
        row
        for row in daily
        if row["experience"] == "plain"
        and row["metric"] == "conversion_rate"
        and row["audience_segment"] != "(all)"
    ]
    for day in {row["as_of_date"] for row in rates}:
        assert adjusted_alike([row for row in rates if row["as_of_date"] == day])


def test_only_conversion_rates_with_a_p_value_are_adjusted(daily: list[Row]) -> None:
    adjusted = [row for row in daily if row["p_value_bh"] is not None]
    assert {row["metric"] for row in adjusted} == {"conversion_rate"}
    assert None not in {row["p_value"] for row in adjusted}


@pytest.mark.parametrize(
    ("name", "observed", "shares"),
    [
        ("split by arm", [205, 195], [1, 1]),
        ("split missed", [700, 300], [1, 1]),
        ("split by variant", [210, 95, 99], [2, 1, 1]),
        ("no split", [700, 300], [1, 1]),
    ],
)
def test_sample_ratio_agrees_with_scipy(
    lifts: list[Row], name: str, observed: list[int], shares: list[int]
) -> None:
    expected = [sum(observed) * share / sum(shares) for share in shares]
    p_values = {row["srm_p_value"] for row in lifts if row["experience"] == name}
    (found,) = p_values
    assert found == pytest.approx(stats.chisquare(observed, expected).pvalue, rel=1e-9)


def test_sample_ratio_counts_an_expected_arm_that_is_empty(lifts: list[Row]) -> None:
    (found,) = {
        row["srm_p_value"] for row in lifts if row["experience"] == "split with an empty arm"
    }
    assert found == pytest.approx(stats.chisquare([40, 60, 0], [40, 30, 30]).pvalue, rel=1e-9)
