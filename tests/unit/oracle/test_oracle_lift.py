"""Hand-computed examples of lift rows: statuses, running figures, days, matured twins."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from statsmodels.stats.multitest import multipletests

from tests.unit.oracle.build import ORDER, SIGNUP, oracle, order, raw, signup, track, view
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.oracle.statistics import chi_square

Row = dict[str, Any]
SMALL: dict[str, Any] = {"conversions": (SIGNUP,), "min_visitors": 2, "min_converters": 1}


def arm(
    name: str, visitors: int, converters: int, when: str = "1", **fields: Any
) -> list[RawMessage]:
    """Visitors of one arm; the first `converters` of them sign up a day later."""
    day = int(when.split(maxsplit=1)[0])
    people = [f"{name}{number:03}" for number in range(visitors)]
    return [view(when, who, name.startswith("p"), **fields) for who in people] + [
        signup(f"{day + 1}", who) for who in people[:converters]
    ]


def one(
    rows: list[Row], segment: str = "(all)", metric: str = "conversion_rate", **cols: Any
) -> Row:
    [row] = [
        row
        for row in rows
        if row["audience_segment"] == segment
        and row["metric"] == metric
        and all(row[name] == value for name, value in cols.items())
    ]
    return row


def status(*messages: RawMessage, **changes: Any) -> str:
    return str(one(oracle(*messages, **{**SMALL, **changes}).fct_experience_lift)["status"])


def days(found: Oracle, column: str, segment: str = "(all)") -> dict[int, Any]:
    """The figure of each day that has a row."""
    return {
        row["as_of_date"].day: row[column]
        for row in found.fct_experience_lift_daily
        if row["audience_segment"] == segment and row["metric"] == "conversion_rate"
    }


def as_of_each_day(found: Oracle, column: str, last: int) -> dict[int, Any]:
    """The figure as of each day up to `last`: that of the last row on or before it."""
    rows = days(found, column)
    return {
        day: rows[max(each for each in rows if each <= day)] for day in range(min(rows), last + 1)
    }


def test_published_example_end_to_end() -> None:
    found = oracle(*arm("c", 364, 12), *arm("p", 379, 19), conversions=(SIGNUP,))
    row = one(found.fct_experience_lift)
    assert (row["control_visitors"], row["control_converters"]) == (364, 12)
    assert (row["variant_visitors"], row["variant_converters"]) == (379, 19)
    assert row["lift"] == pytest.approx(0.5207, abs=5e-5)
    assert row["p_value"] == pytest.approx(0.2408, abs=5e-5)
    assert row["status"] == "inconclusive"
    assert (row["variant"], row["arm"], row["is_main"]) == ("personalized", "personalized", True)


def test_every_conversion_has_its_rows_and_value_metrics_need_a_path() -> None:
    found = oracle(view("1", "a"), conversions=(SIGNUP, ORDER))
    rows = [
        (row["conversion"], row["metric"])
        for row in found.fct_experience_lift
        if row["audience_segment"] == "(all)"
    ]
    assert rows == [
        ("signup", "conversion_rate"),
        ("signup", "conversions_per_visitor"),
        ("order", "conversion_rate"),
        ("order", "conversions_per_visitor"),
        ("order", "value_per_visitor"),
        ("order", "value_per_conversion"),
    ]


def test_metrics_by_hand() -> None:
    found = oracle(
        *(view("1", who, who[0] == "p") for who in ("c1", "c2", "p1", "p2")),
        order("2", "c1", 10),
        order("2", "c2", 20),
        order("2", "p1", 30),
        order("3", "p1", None),
        order("3", "p1", 6),
        conversions=(ORDER,),
    )
    rows = found.fct_experience_lift
    counts = one(rows, metric="conversions_per_visitor")
    assert (counts["control_total"], counts["variant_total"], counts["lift"]) == (2, 3, 0.5)
    value = one(rows, metric="value_per_visitor")
    assert (value["control_mean"], value["variant_mean"]) == (15, 18)
    assert value["lift"] == pytest.approx(0.2)
    each = one(rows, metric="value_per_conversion")  # the null value is no denominator
    assert (each["control_mean"], each["variant_mean"], each["variant_total"]) == (15, 18, 36)
    assert each["variant_converters"] == 1


# ---- statuses -----------------------------------------------------------------------------------


def test_statuses_in_their_order() -> None:
    assert status(*arm("p", 3, 1)) == "no_control_arm"
    assert status(*arm("c", 3, 1)) == "no_treatment_arm"
    assert status(*arm("c", 3, 0), *arm("p", 3, 1)) == "zero_control_rate"
    assert status(*arm("c", 3, 3), *arm("p", 3, 3)) == "zero_variance"
    assert status(*arm("c", 3, 3), *arm("p", 3, 2)) == "inconclusive"
    assert status(*arm("c", 1, 1), *arm("p", 3, 2)) == "insufficient_data"
    assert status(*arm("c", 3, 1), *arm("p", 3, 2), min_visitors=4) == "insufficient_data"
    assert status(*arm("c", 3, 1), *arm("p", 3, 2), min_converters=4) == "insufficient_data"
    assert status(*arm("c", 3, 1), *arm("p", 3, 2), min_converters=3) == "inconclusive"


def test_arm_of_one_unit_is_insufficient_and_no_zero_variance() -> None:
    row = one(oracle(*arm("c", 1, 1), *arm("p", 1, 1), **SMALL).fct_experience_lift)
    assert (row["status"], row["lift"], row["p_value"]) == ("insufficient_data", 0.0, None)


def test_arm_of_one_unit_is_insufficient_whatever_the_minimum() -> None:
    assert status(*arm("c", 1, 1), *arm("p", 3, 2), min_visitors=1) == "insufficient_data"


def test_row_without_treatment_is_of_no_variant() -> None:
    [row, *_] = oracle(*arm("c", 3, 1), **SMALL).fct_experience_lift
    assert (row["variant"], row["arm"], row["variant_visitors"]) == ("(none)", None, 0)
    assert (row["variant_mean"], row["lift"]) == (None, None)


def test_winner_and_loser_follow_the_running_figures() -> None:
    many = {"min_visitors": 50, "min_converters": 10}
    assert status(*arm("c", 300, 30), *arm("p", 300, 120), **many) == "winner"
    assert status(*arm("c", 300, 120), *arm("p", 300, 30), **many) == "loser"


def test_only_a_configured_split_sets_the_status() -> None:
    messages = [*arm("c", 10, 5), *arm("p", 60, 20)]
    assert status(*messages) == "inconclusive"
    row = one(oracle(*messages, **SMALL).fct_experience_lift)
    assert row["srm_p_value"] == pytest.approx(chi_square({"c": 10, "p": 60}, {"c": 1, "p": 1}))
    split = {"Home": {"control": 0.5, "personalized": 0.5}}
    assert status(*messages, expected_split=split) == "sample_ratio_mismatch"
    fitting = {"Home": {"control": 1 / 7, "personalized": 6 / 7}}
    assert status(*messages, expected_split=fitting) == "inconclusive"


def test_one_variant_without_split_has_no_sample_ratio() -> None:
    assert one(oracle(*arm("c", 3, 1), **SMALL).fct_experience_lift)["srm_p_value"] is None
    split = {"Home": {"control": 0.5, "personalized": 0.5}}
    found = oracle(*arm("c", 3, 1), **SMALL, expected_split=split)
    expected = chi_square({"c": 3}, {"c": 0.5, "p": 0.5})
    assert one(found.fct_experience_lift)["srm_p_value"] == pytest.approx(expected)


def test_units_of_a_variant_the_split_does_not_name_are_left_out() -> None:
    split = {"Home": {"personalized": 0.5, "other": 0.5}}
    found = oracle(*arm("c", 3, 1), *arm("p", 4, 1), **SMALL, expected_split=split)
    expected = chi_square({"p": 4}, {"p": 0.5, "other": 0.5})
    assert one(found.fct_experience_lift)["srm_p_value"] == pytest.approx(expected)


def test_arm_shares_that_differ_between_segments_mark_all() -> None:
    messages = [
        *arm("c1", 40, 20, segment="X"), *arm("p1", 10, 5, segment="X"),
        *arm("c2", 10, 5, segment="Y"), *arm("p2", 40, 20, segment="Y"),
    ]  # fmt: skip
    found = oracle(*messages, **SMALL)
    assert one(found.fct_experience_lift)["status"] == "sample_ratio_mismatch"
    assert one(found.fct_experience_lift, "X")["status"] == "inconclusive"


def test_crossovers_are_left_out_of_the_sample_ratio_and_always_counted() -> None:
    crossing = [view("1", "x", False), view("1 01:00", "x", True)]
    for policy, control in (("first", 3), ("ever_treated", 2), ("exclude", 2)):
        found = oracle(*crossing, *arm("c", 2, 1), *arm("p", 2, 1), **SMALL, crossover=policy)
        row = one(found.fct_experience_lift)
        assert (row["crossover_visitors"], row["control_visitors"]) == (1, control)
        assert row["srm_p_value"] == pytest.approx(1.0)


def test_two_currencies_make_value_metrics_null() -> None:
    def messages(currency: str) -> list[RawMessage]:
        return [
            *(view("1", who, who[0] == "p") for who in ("c1", "c2", "p1", "p2")),
            order("2", "c1", 10, properties={"currency": "USD"}),
            order("2", "p1", 20, properties={"currency": currency}),
        ]

    mixed = oracle(*messages("EUR"), conversions=(ORDER,)).fct_experience_lift
    value = one(mixed, metric="value_per_visitor")
    assert (value["control_total"], value["control_mean"], value["lift"]) == (None, None, None)
    assert (value["control_converters"], value["status"]) == (1, "zero_control_rate")
    assert one(mixed)["lift"] == 0.0
    for currency in ("USD", "usd", "USD ", ""):
        pure = oracle(*messages(currency), conversions=(ORDER,)).fct_experience_lift
        assert one(pure, metric="value_per_visitor")["lift"] == 1.0


def test_a_refund_in_another_currency_is_not_added_up() -> None:
    def refunded(currency: str, revenue: float | None) -> Oracle:
        properties = {"revenue": revenue, "currency": currency}
        return oracle(
            *(view("1", who, who[0] == "p") for who in ("c1", "c2", "p1", "p2")),
            order("2", "c1", 10, properties={"currency": "USD"}),
            order("2", "p1", 30, properties={"currency": "USD"}),
            track("Order Refunded", "3", device="p1", properties=properties),
            conversions=(ORDER,),
        )

    for currency, revenue, total in (("usd", 10, 20), ("EUR", None, 30), ("EUR", 10, None)):
        rows = refunded(currency, revenue).fct_experience_lift
        assert one(rows, metric="value_per_visitor")["variant_total"] == total


# ---- days ---------------------------------------------------------------------------------------


def test_rows_run_from_the_first_exposure_to_the_end_of_the_last_window() -> None:
    found = oracle(
        view("2 10:00", "a"), view("4 10:00", "b"), view("6", "b"),
        raw("page", "28", "z"), **SMALL,
    )  # fmt: skip
    # Exposed on the 2nd and 4th, closed on the 9th and 11th; on other days nothing changes.
    assert days(found, "variant_visitors") == {2: 1, 4: 2, 9: 2, 11: 2}
    assert days(found, "matured_variant_visitors") == {2: 0, 4: 0, 9: 1, 11: 2}


def test_rows_end_with_the_day_of_as_of() -> None:
    found = oracle(view("2", "a"), view("3", "b"), raw("page", "9", "z"), **SMALL)
    # A window that ends at midnight has closed by the end of the day before; b's closes later.
    assert days(found, "matured_variant_visitors") == {2: 0, 3: 0, 8: 1, 9: 2}
    found = oracle(view("2 10:00", "a"), raw("page", "8", "z"), **SMALL)
    assert days(found, "matured_variant_visitors") == {2: 0}


def test_day_without_change_has_no_row_but_a_day_with_any_has_all() -> None:
    found = oracle(
        view("2", "a", segment="X"), view("5", "b", segment="Y"), signup("5", "b"),
        raw("page", "6", "z"), **SMALL,
    )  # fmt: skip
    assert days(found, "variant_visitors") == {2: 1, 5: 2}
    assert days(found, "variant_visitors", "X") == {2: 1, 5: 1}
    assert days(found, "variant_visitors", "Y") == {5: 1}


def test_clock_of_long_ago_adds_its_own_days_only() -> None:
    old = view("2", "a")
    found = oracle(
        replace(old, payload={**old.payload, "timestamp": "2001-01-01T10:00:00Z"}),
        view("4 10:00", "b"), raw("page", "6", "z"), **SMALL,
    )  # fmt: skip
    assert sorted({row["as_of_date"] for row in found.fct_experience_lift_daily}) == [
        date(2001, 1, 1), date(2001, 1, 8), date(2026, 5, 4)
    ]  # fmt: skip


def test_swap_that_leaves_every_figure_alike_is_no_change() -> None:
    found = oracle(
        *(view("2", who, who[0] == "p") for who in ("c1", "c2", "p1")),
        order("2", "c1", 10), order("2", "p1", 10),
        order("4", "c1", 10, properties={"currency": "USD"}),
        order("4", "p1", 10, properties={"currency": "EUR"}),
        order("5", "c1", 10, properties={"currency": "USD"}),
        raw("page", "6", "z"),
        **{**SMALL, "conversions": (ORDER,)},
    )  # fmt: skip
    # The order of the 5th changes counts, the value over two currencies stays NULL.
    assert sorted(days(found, "variant_visitors")) == [2, 4, 5]


def test_family_is_of_the_look_and_of_all_only_without_segments() -> None:
    early = [*arm("c", 9, 2, segment="X"), *arm("p", 9, 5, segment="X")]
    late = [*arm("cl", 9, 1, "5", segment="Y"), *arm("pl", 9, 7, "5", segment="Y")]
    found = oracle(*early, *late, raw("page", "7", "z"), **SMALL)
    p_value, holm = (days(found, name, "X") for name in ("p_value", "p_value_holm"))
    assert holm[2] == p_value[2] is not None  # alone on its look, whatever comes later
    both = [days(found, "p_value", segment)[6] for segment in ("X", "Y")]
    adjusted = [days(found, "p_value_holm", segment)[6] for segment in ("X", "Y")]
    assert adjusted == pytest.approx(list(multipletests(both, method="holm")[1]))
    assert adjusted != both
    assert days(found, "p_value_holm")[2] is None


def test_day_holds_the_messages_before_the_next_midnight() -> None:
    found = oracle(
        view("2", "a"),
        signup("3 23:59:59.999999", "a", id="x"),
        view("2", "b"),
        signup("4", "b"),
        raw("page", "6", "z"),
        **SMALL,
    )
    assert days(found, "variant_converters") == {2: 0, 3: 1, 4: 2}


def test_day_uses_todays_identities() -> None:
    found = oracle(
        view("2", "a"), view("3", "b"), raw("page", "5", "u", "a"), raw("page", "6", "u", "b"),
        **SMALL,
    )  # fmt: skip
    assert days(found, "variant_visitors") == {2: 1}


@pytest.mark.parametrize(
    ("policy", "control", "variant", "crossovers"),
    [
        ("first", {2: 1, 3: 1}, {2: 0, 3: 0}, {2: 0, 3: 1}),
        ("ever_treated", {2: 1, 3: 0}, {2: 0, 3: 1}, {2: 0, 3: 1}),
        ("exclude", {2: 1, 3: 0}, {2: 0, 3: 0}, {2: 0, 3: 1}),
    ],
)
def test_crossover_acts_from_its_day_on(
    policy: str, control: dict[int, int], variant: dict[int, int], crossovers: dict[int, int]
) -> None:
    found = oracle(
        view("2", "a", False), view("3", "a", True), raw("page", "4", "z"),
        **SMALL, crossover=policy,
    )  # fmt: skip
    assert days(found, "control_visitors") == control
    assert days(found, "variant_visitors") == variant
    assert days(found, "crossover_visitors") == crossovers


def test_clock_of_a_later_treated_unit_moves_with_its_day() -> None:
    found = oracle(
        view("2", "a", False), signup("2 01:00", "a"), view("3", "a", True), raw("page", "4", "z"),
        **SMALL, crossover="ever_treated",
    )  # fmt: skip
    assert days(found, "control_converters")[2] == 1
    assert days(found, "variant_converters")[3] == 0


def test_last_day_before_its_own_look_equals_it_but_for_what_came_later() -> None:
    found = oracle(*arm("c", 5, 2), *arm("p", 5, 3), raw("page", "4", "z"), **SMALL)
    last = [row for row in found.fct_experience_lift_daily if row["as_of_date"] == date(2026, 5, 2)]
    for row, now in zip(last, found.fct_experience_lift, strict=True):
        for column in ("lift", "p_value", "running_p_value", "status", "srm_p_value"):
            assert row[column] == now[column]


# ---- running ------------------------------------------------------------------------------------


def test_running_figures_are_minimum_and_intersection_from_the_first_large_day() -> None:
    found = oracle(
        *arm("c", 20, 2, "1"), *arm("p", 20, 14, "1"),
        *arm("cx", 20, 12, "4"), *arm("px", 20, 4, "4"),
        raw("page", "7", "z"),
        **{**SMALL, "min_visitors": 20, "min_converters": 10, "tuning_visitors": 50},
    )  # fmt: skip
    always, running = (
        as_of_each_day(found, name, 7) for name in ("always_valid_p_value", "running_p_value")
    )
    assert (running[1], days(found, "running_ci_lower")[1]) == (None, None)  # no converter yet
    assert always[5] > always[2]
    assert running == {
        1: None, 2: always[2], 3: always[2], 4: always[2], 5: always[2], 6: always[2], 7: always[2]
    }  # fmt: skip
    lower, upper = (
        as_of_each_day(found, f"sequential_ci_{side}", 7) for side in ("lower", "upper")
    )
    assert lower[5] < lower[2]
    assert upper[5] < upper[2]
    assert as_of_each_day(found, "running_ci_lower", 7)[7] == lower[2]
    assert as_of_each_day(found, "running_ci_upper", 7)[7] == min(upper[day] for day in range(2, 8))


def test_running_goes_on_when_an_arm_shrinks_again() -> None:
    found = oracle(
        *arm("c", 6, 2, "1"), *arm("p", 6, 4, "1"),
        *(view("3", f"c{number:03}", True) for number in range(2, 6)),
        raw("page", "4", "z"),
        **{**SMALL, "min_visitors": 6}, crossover="exclude",
    )  # fmt: skip
    assert days(found, "control_visitors") == {1: 6, 2: 6, 3: 2}
    always, running = days(found, "always_valid_p_value"), days(found, "running_p_value")
    assert running == {1: None, 2: always[2], 3: min(always[2], always[3])}
    assert always[3] < always[2]


def test_empty_intersection_has_no_bounds_and_is_inconclusive() -> None:
    found = oracle(
        *arm("c", 60, 5, "1"), *arm("p", 60, 55, "1"),
        *arm("cx", 300, 280, "4"), *arm("px", 300, 5, "4"),
        raw("page", "7", "z"),
        **{**SMALL, "tuning_visitors": 50},
    )  # fmt: skip
    assert as_of_each_day(found, "status", 3)[3] == "winner"
    row = one(found.fct_experience_lift)
    assert (row["running_ci_lower"], row["running_ci_upper"]) == (None, None)
    assert row["running_p_value"] is not None
    assert row["status"] == "inconclusive"


def test_own_look_is_among_the_running_figures() -> None:
    # As-of is the receipt; what happened a minute later is on no daily row, but in the look.
    late = [
        replace(message, payload={**message.payload, "receivedAt": "2026-05-03T23:58:00Z",
                                  "timestamp": "2026-05-04T00:01:00Z"})
        for message in (signup("3", "c0"), signup("3", "p0"))
    ]  # fmt: skip
    found = oracle(
        *(view("2", who, who[0] == "p") for who in ("c0", "c1", "p0", "p1", "p2")), *late, **SMALL
    )
    assert days(found, "running_p_value") == {2: None}
    row = one(found.fct_experience_lift)
    assert row["running_p_value"] == row["always_valid_p_value"] is not None


# ---- matured and adjusted -----------------------------------------------------------------------


def test_matured_twins_count_units_whose_window_closed() -> None:
    short = replace(SIGNUP, window=timedelta(days=2))
    found = oracle(
        view("1", "c1", False), view("3", "c2", False),
        view("1", "p1"), view("3 00:00:00.000001", "p2"),
        signup("2", "p1"), raw("page", "5", "z"),
        **{**SMALL, "conversions": (short,)},
    )  # fmt: skip
    row = one(found.fct_experience_lift)  # a window that ends at as-of is closed
    assert (row["matured_control_visitors"], row["matured_variant_visitors"]) == (2, 1)
    assert (row["matured_variant_converters"], row["matured_variant_mean"]) == (1, 1)
    assert row["variant_mean"] == 0.5
    assert days(found, "matured_control_visitors") == {1: 0, 2: 1, 3: 1, 4: 2, 5: 2}


def test_adjusted_p_over_segments_without_all() -> None:
    messages = []
    for number, (control, variant) in enumerate([(10, 25), (12, 14), (5, 20)]):
        messages += arm(f"c{number}", 50, control, segment=f"S{number}")
        messages += arm(f"p{number}", 50, variant, segment=f"S{number}")
    found = oracle(*messages, *arm("c9", 5, 1, segment="only control"), **SMALL)
    rows = [
        row
        for row in found.fct_experience_lift
        if row["metric"] == "conversion_rate" and row["p_value"] is not None
    ]
    family = [row for row in rows if row["audience_segment"] != "(all)"]
    assert len(family) == 3
    raw_p = [row["p_value"] for row in family]
    for column, method in (("p_value_holm", "holm"), ("p_value_bh", "fdr_bh")):
        expected = multipletests(raw_p, method=method)[1]
        assert [row[column] for row in family] == pytest.approx(list(expected))
    assert one(found.fct_experience_lift)["p_value_holm"] is None
    assert one(found.fct_experience_lift, "only control")["p_value_bh"] is None
