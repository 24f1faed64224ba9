"""CUPED against hand-computed examples, tea-tasting and numpy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import tea_tasting as tt
from scipy import stats

from tests.unit.oracle.build import ORDER, SIGNUP, oracle, order, raw, signup, track, view
from tests.warehouse.oracle.cuped import Adjusted, UnitSums, adjust
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.oracle import Oracle

Units = tuple[UnitSums, ...]
Pairs = list[tuple[int, int]]
ALPHA = 0.05


def means(*pairs: tuple[int, int]) -> Units:
    """Units of a mean, as (y, x)."""
    return tuple(UnitSums(y, 1, x) for y, x in pairs)


def random_units(seed: int, count: int, is_ratio: bool) -> Units:
    """Units that later do about what they did earlier."""
    rng = np.random.default_rng(seed)
    habit = rng.gamma(2, 1, count)
    found = []
    for rate in habit:
        earlier, conversions = rng.poisson(rate), int(rng.poisson(1.2 * rate))
        value = int(rng.integers(500, 1500, conversions).sum())
        found.append(UnitSums(value, conversions if is_ratio else 1, int(earlier) * 900))
    return tuple(found)


def test_example_by_hand() -> None:
    # Joint: y 0 2 2 4 | 1 3 5 7 has mean 3, x 0 1 1 2 | 0 1 2 3 has 5/4.
    control, variant = means((0, 0), (2, 1), (2, 1), (4, 2)), means((1, 0), (3, 1), (5, 2), (7, 3))
    # y = 2x in control and 1 + 2x in the variant. Sums about the means: xy 16, x squared 7.5.
    theta = (0 + 2 + 2 + 8 + 0 + 3 + 10 + 21 - 8 * 3 * 1.25) / (20 - 8 * 1.25**2)
    assert theta == pytest.approx(16 / 7.5)
    found = adjust(control, variant, ALPHA)
    lift = ((4 - theta * 1.5) - (2 - theta * 1)) / 2
    assert found.lift == pytest.approx(lift)
    # Control: v_x = 2/3, variant: v_x = 5/3; what is left of y is (2 - theta) x.
    left = (2 - theta) ** 2 * 5 / 3 / 4
    of_control = (2 * 2 - theta) ** 2 * 2 / 3 / 4  # times the ratio of means, 4 / 2
    unadjusted = 4 * 5 / 3 / 4 + 2**2 * 4 * 2 / 3 / 4
    assert found.variance_reduction == pytest.approx(1 - (left + of_control) / unadjusted)
    e_c = (2 - theta) ** 2 * 2 / 3 / 4
    dof = (left + e_c) ** 2 / (left**2 / 3 + e_c**2 / 3)
    half = float(stats.t.ppf(0.975, dof)) * math.sqrt((left + of_control) / 2**2)
    assert found.ci == pytest.approx((lift - half, lift + half))
    z = (4 - theta * 1.5 - 2 + theta) / math.sqrt(left + e_c)
    assert found.p_value == pytest.approx(2 * float(stats.t.sf(abs(z), dof)))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("is_ratio", [False, True])
def test_p_agrees_with_tea_tasting(seed: int, is_ratio: bool) -> None:
    control, variant = random_units(seed, 60, is_ratio), random_units(seed + 100, 75, is_ratio)
    metric = (
        tt.RatioOfMeans("y", "w", numer_covariate="x") if is_ratio else tt.Mean("y", covariate="x")
    )

    def aggregates(units: Units) -> tt.aggr.Aggregates:
        columns = np.array(units, dtype=float).T
        covariance = np.cov(columns)
        names = ("w", "x", "y")
        at = dict(zip(("y", "w", "x"), range(3), strict=True))
        return tt.aggr.Aggregates(
            count_=len(units),
            mean_={name: columns[at[name]].mean() for name in names},
            var_={name: covariance[at[name], at[name]] for name in names},
            cov_={
                (a, b): covariance[at[a], at[b]] for a, b in (("w", "x"), ("w", "y"), ("x", "y"))
            },
        )

    theirs = metric.analyze_aggregates(aggregates(control), aggregates(variant))
    ours = adjust(control, variant, ALPHA)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    r_c = sum(unit.y for unit in control) / sum(unit.w for unit in control)
    assert ours.lift == pytest.approx(theirs.effect_size / r_c, rel=1e-9)
    assert ours.variance_reduction != 0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("is_ratio", [False, True])
def test_interval_and_reduction_agree_with_residuals_of_a_regression(
    seed: int, is_ratio: bool
) -> None:
    """theta is the slope of u on x; what is left are residuals, control's of k u on x."""
    units = [random_units(seed, 40, is_ratio), random_units(seed + 50, 55, is_ratio)]
    y, w, x = (
        [np.array([unit[at] for unit in arm], dtype=float) for arm in units] for at in range(3)
    )

    def contributions(y: Any, w: Any) -> Any:
        return (y - y.sum() / w.sum() * w) / w.mean()

    joint = contributions(np.concatenate(y), np.concatenate(w))
    theta = stats.linregress(np.concatenate(x), joint).slope
    r = [y[arm].sum() / w[arm].sum() for arm in (0, 1)]
    u = [contributions(y[arm], w[arm]) for arm in (0, 1)]

    def error(arm: int, theta: float, factor: float = 1.0) -> float:
        return float(np.var(factor * u[arm] - theta * x[arm], ddof=1) / len(u[arm]))

    k = r[1] / r[0]
    adjusted = math.sqrt(error(1, theta) + error(0, theta, k)) / r[0]
    unadjusted = math.sqrt(error(1, 0.0) + error(0, 0.0, k)) / r[0]
    found = adjust(*units, ALPHA)
    assert found.variance_reduction == pytest.approx(1 - adjusted**2 / unadjusted**2, rel=1e-9)
    e_c, e_t = error(0, theta), error(1, theta)
    dof = (e_t + e_c) ** 2 / (e_t**2 / (len(u[1]) - 1) + e_c**2 / (len(u[0]) - 1))
    half = float(stats.t.ppf(1 - ALPHA / 2, dof)) * adjusted
    lift = (r[1] - theta * x[1].mean() - r[0] + theta * x[0].mean()) / r[0]
    assert found.lift == pytest.approx(lift, rel=1e-9)
    assert found.ci == pytest.approx((lift - half, lift + half), rel=1e-9)


def test_nothing_earlier_adjusts_nothing() -> None:
    found = adjust(means((0, 0), (1, 0)), means((1, 0), (1, 0), (0, 0)), ALPHA)
    assert found.lift == pytest.approx(1 / 3)
    assert found.variance_reduction == 0


def test_figures_are_free_of_the_unit_of_money() -> None:
    control, variant = random_units(1, 20, True), random_units(2, 20, True)

    def scaled(units: Units) -> Units:
        return tuple(UnitSums(unit.y * 100, unit.w, unit.x * 100) for unit in units)

    found, expected = (
        adjust(scaled(control), scaled(variant), ALPHA),
        adjust(control, variant, ALPHA),
    )
    assert found.variance_reduction == expected.variance_reduction
    assert found.ci == pytest.approx(expected.ci, rel=1e-12)
    assert found.p_value == pytest.approx(expected.p_value, rel=1e-12)


def test_negative_control_mean_keeps_the_sign_of_the_change() -> None:
    found = adjust(means((-2, 0), (-4, 0)), means((-1, 0), (-2, 0)), ALPHA)
    assert found.lift == 0.5


@pytest.mark.parametrize(
    ("control", "variant"),
    [
        (means((1, 0)), means((1, 0), (0, 1))),
        (means((1, 0), (0, 1)), means((1, 0))),
        (means((0, 1), (0, 0)), means((1, 0), (0, 0))),
        (means((1, 1), (1, 0)), means((1, 0), (1, 1))),
        (means((1, 1), (2, 0)), means((0, 0), (0, 1))),  # nothing varies where it weighs
        ((UnitSums(0, 0, 1), UnitSums(0, 0, 0)), (UnitSums(3, 1, 0), UnitSums(1, 1, 0))),
        ((UnitSums(3, 1, 0), UnitSums(1, 1, 0)), (UnitSums(0, 0, 1), UnitSums(0, 0, 0))),
    ],
)
def test_what_cannot_be_computed_is_none(control: Units, variant: Units) -> None:
    assert adjust(control, variant, ALPHA) == Adjusted()


def test_where_all_variance_is_explained_there_is_no_interval() -> None:
    control, variant = means((0, 0), (1, 1), (1, 1)), means((0, 0), (0, 0), (1, 1))
    found = adjust(control, variant, ALPHA)
    assert (found.lift, found.ci, found.p_value) == (0.0, None, None)
    assert found.variance_reduction is not None
    nearly = means((0, 0), (10**9, 10**9), (10**9, 10**9 + 1))
    assert adjust(nearly, nearly, ALPHA).ci is None


# ---- what is earlier ----------------------------------------------------------------------------


def earlier(found: Oracle, conversion: str = "order") -> dict[str, tuple[int, int]]:
    return {
        row["unit_id"].removeprefix("anonymous_id:"): (
            row["earlier_conversions"],
            row["earlier_value"],
        )
        for row in found.unit_outcomes()
        if row["audience_segment"] == "(all)" and row["conversion"] == conversion
    }


@pytest.mark.parametrize(
    ("when", "count"),
    [
        ("1 09:59:59.999999", 0),
        ("1 10:00", 1),
        ("15 09:59:59.999999", 1),
        ("15 10:00", 0),
    ],
)
def test_look_back_is_half_open(when: str, count: int) -> None:
    found = oracle(view("15 10:00", "a"), signup(when, "a"), conversions=(SIGNUP,))
    assert earlier(found, "signup")["a"][0] == count


def test_earlier_value_is_net_of_refunds_and_of_what_the_vendor_received() -> None:
    found = oracle(
        order("10", "a", 30, properties={"order_id": "x"}),
        order("11", "a", 30, properties={"order_id": "x"}),
        order("11", "a", None),
        order("12", "a", 50, integrations={"Mutiny": False}),
        track("Order Refunded", "12", device="a", properties={"revenue": 10}),
        view("13", "a"),
        order("14", "a", 5),
        conversions=(ORDER,),
    )
    assert earlier(found) == {"a": (2, 200_000)}
    assert earlier(found.under(scope="all")) == {"a": (3, 700_000)}


def test_look_back_ends_at_the_first_personalized_view_when_ever_treated() -> None:
    messages = [
        signup("1", "a"), view("2", "a", False), signup("3", "a"), view("4", "a", True),
    ]  # fmt: skip
    found = oracle(*messages, conversions=(SIGNUP,))
    assert earlier(found, "signup")["a"][0] == 1
    assert earlier(found.under("ever_treated"), "signup")["a"][0] == 2


def test_what_happened_earlier_belongs_to_a_unit_as_what_happened_later() -> None:
    messages: list[RawMessage] = [
        track("Signed Up", "1", "u"), track("Signed Up", "1", "u", "b"),
        view("2", "a", userId="u"), track("Signed Up", "3", "u"),
    ]  # fmt: skip
    found = oracle(*messages, conversions=(SIGNUP,), unit="anonymous_id")
    assert earlier(found, "signup") == {"a": (1, 0)}
    assert [row["conversions"] for row in found.unit_outcomes()] == [1, 1]


def test_rows_hold_the_adjusted_figures_of_their_metric() -> None:
    messages = [
        *(view("10", who, who[0] == "p") for who in ("c1", "c2", "c3", "p1", "p2", "p3")),
        order("8", "c1", 10), order("8", "c1", 20), order("11", "c1", 30), order("11", "c2", 10),
        order("9", "p1", 20), order("9", "p3", 5), order("11", "p1", 40), order("11", "p1", 20),
        order("11", "p2", 10), raw("page", "12", "z"),
    ]  # fmt: skip
    found = oracle(*messages, conversions=(ORDER,))
    units = {
        "conversion_rate": (means((1, 1), (1, 0), (0, 0)), means((1, 1), (1, 0), (0, 1))),
        "conversions_per_visitor": (means((1, 2), (1, 0), (0, 0)), means((2, 1), (1, 0), (0, 1))),
        "value_per_visitor": (means((30, 30), (10, 0), (0, 0)), means((60, 20), (10, 0), (0, 5))),
        "value_per_conversion": (
            (UnitSums(30, 1, 30), UnitSums(10, 1, 0), UnitSums(0, 0, 0)),
            (UnitSums(60, 2, 20), UnitSums(10, 1, 0), UnitSums(0, 0, 5)),
        ),
    }
    last = [row for row in found.fct_experience_lift_daily if row["as_of_date"].day == 12]
    for row in found.fct_experience_lift + last:
        expected = adjust(*units[row["metric"]], ALPHA)
        assert expected.ci is not None
        assert (row["cuped_ci_lower"], row["cuped_ci_upper"]) == pytest.approx(expected.ci)
        assert row["cuped_p_value"] == pytest.approx(expected.p_value)
        assert row["cuped_lift"] == expected.lift
        assert row["variance_reduction"] == expected.variance_reduction


def test_two_currencies_leave_nothing_to_adjust() -> None:
    found = oracle(
        *(view("1", who, who[0] == "p") for who in ("c1", "c2", "p1", "p2")),
        order("2", "c1", 10, properties={"currency": "USD"}),
        order("2", "p1", 20, properties={"currency": "EUR"}),
        conversions=(ORDER,),
    )
    for row in found.fct_experience_lift:
        assert (row["cuped_lift"] is None) == row["metric"].startswith("value")
