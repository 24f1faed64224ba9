"""Capped figures against numpy's quantile and tea-tasting's test of the capped units."""

from __future__ import annotations

import numpy as np
import pytest
import tea_tasting as tt
from tea_tasting import aggr

from tests.warehouse.statistics.conftest import WINSORIZE
from tests.warehouse.statistics.experiments import all_experiments
from tests.warehouse.statistics.oracle import observations
from tests.warehouse.statistics.scenarios import Row
from tests.warehouse.statistics.test_statistics_figures import agrees, belongs, contrasts

CAPPED = ["conversions_per_visitor", "value_per_visitor"]
COLUMNS = [
    "winsorized_cap",
    "winsorized_control_mean",
    "winsorized_variant_mean",
    "winsorized_lift",
    "winsorized_lift_ci_lower",
    "winsorized_lift_ci_upper",
    "winsorized_p_value",
]
RANDOM = [
    experiment
    for experiment in all_experiments()
    if experiment.experience in {"plain", "rare", "refunded", "many variants"}
]


def moments(totals: np.ndarray) -> aggr.Aggregates:
    return aggr.Aggregates(
        count_=len(totals), mean_={"y": totals.mean()}, var_={"y": totals.var(ddof=1)}
    )


def capped_figures(control: np.ndarray, variant: np.ndarray, scale: int) -> dict[str, float | None]:
    """The columns of one contrast, from the totals of its units."""
    pooled = np.concatenate([control, variant])
    cap = np.quantile(pooled[pooled != 0], WINSORIZE, method="inverted_cdf")
    test = tt.Mean("y").analyze_aggregates(
        *(moments(np.minimum(arm, cap) / scale) for arm in (control, variant))
    )
    interval = test.rel_effect_size_ci_lower, test.rel_effect_size_ci_upper
    lower, upper = interval if min(test.control, test.treatment) > 0 else (None, None)
    lift = (test.treatment - test.control) / abs(test.control)
    figures = (cap / scale, test.control, test.treatment, lift, lower, upper, test.pvalue)
    return dict(zip(COLUMNS, figures, strict=True))


@pytest.mark.parametrize("metric", CAPPED)
def test_capped_figures_agree_with_numpy_and_tea_tasting(lifts: list[Row], metric: str) -> None:
    rows = [
        (experiment, row)
        for experiment in RANDOM
        for row in lifts
        if belongs(row, experiment) and row["metric"] == metric
    ]
    assert any(row["winsorized_control_mean"] < row["control_mean"] for _, row in rows)
    disagreements = []
    for experiment, row in rows:
        found = [
            observations(metric, units)
            for units in contrasts(experiment, experiment.days - 1)[row["variant"]]
        ]
        control, variant = (np.array(totals) for totals, _, _ in found)
        disagreements += [
            (experiment.experience, row["variant"], name, row[name], expected)
            for name, expected in capped_figures(control, variant, found[0][2]).items()
            if not agrees(name, row[name], expected)
        ]
    assert disagreements == []


def test_rates_ratios_and_contrasts_of_one_arm_are_not_capped(lifts: list[Row]) -> None:
    others = [
        row
        for row in lifts
        if row["metric"] not in CAPPED or 0 in {row["control_visitors"], row["variant_visitors"]}
    ]
    assert len(others) > len(RANDOM)
    assert {row[name] for row in others for name in COLUMNS} == {None}


def test_equal_values_stay_as_they_are(lifts: list[Row]) -> None:
    """Nothing lies above the percentile, so nothing is capped."""
    (row,) = [
        row
        for row in lifts
        if row["experience"] == "won" and row["metric"] == "conversions_per_visitor"
    ]
    assert row["winsorized_cap"] == 1
    for name in ("lift", "lift_ci_lower", "lift_ci_upper", "p_value"):
        assert row[f"winsorized_{name}"] == pytest.approx(row[name], rel=1e-12)


def test_capped_figures_are_in_no_daily_row(daily: list[Row]) -> None:
    assert not {name for row in daily for name in row if name.startswith("winsorized")}
