"""Hand-computed sums over the units of an experience."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from tests.unit.oracle.build import ORDER, SIGNUP, oracle, order, signup, track, view
from tests.warehouse.oracle.oracle import Oracle

Row = dict[str, Any]


def cells(found: Oracle, conversion: str = "order", segment: str = "(all)") -> dict[Any, Row]:
    return {
        (row["variant"], row["cohort_day"].day): row
        for row in found.cube_totals()
        if row["conversion"] == conversion and row["audience_segment"] == segment
    }


def test_units_are_summed_by_variant_and_day_of_first_exposure() -> None:
    found = oracle(
        view("3", "a"), order("2", "a", 3), order("4", "a", 10), order("5", "a", None),
        view("3 23:59:59.999999", "b"), order("1", "b", 2), order("2", "b", 0.5),
        order("4", "b", 4.0001),
        track("Order Refunded", "5", device="b", properties={"revenue": 1}),
        view("4", "c"), view("5", "c"),
        view("3", "d", False), order("3", "d", 7),
        conversions=(ORDER,),
    )  # fmt: skip
    assert set(cells(found)) == {("personalized", 3), ("personalized", 4), ("control", 3)}
    assert cells(found)["personalized", 3] == {
        "vendor": "mutiny",
        "experience": "Home",
        "audience_segment": "(all)",
        "period": None,
        "variant": "personalized",
        "arm": "personalized",
        "cohort_day": date(2026, 5, 3),
        "conversion": "order",
        "visitors": 2,
        "converters": 2,
        "conversions": 2 + 1,
        "conversions_sum_squares": 4 + 1,
        "valued_conversions": 1 + 1,
        "pre_sum": 1 + 2,
        "pre_sum_squares": 1 + 4,
        "pre_conversions_sum": 1 * 2 + 2 * 1,
        "value_sum": Fraction("13.0001"),
        "value_sum_squares": 100 + Fraction("3.0001") ** 2,
        "value_conversions_sum": 20 + Fraction("3.0001"),
        "value_valued_conversions_sum": Fraction("13.0001"),
        "pre_value_sum": Fraction("5.5"),
        "pre_value_sum_squares": 9 + Fraction("6.25"),
        "pre_value_value_sum": 30 + Fraction("2.5") * Fraction("3.0001"),
    }
    assert cells(found)["personalized", 4]["visitors"] == 1
    assert cells(found)["control", 3]["value_sum"] == 7
    assert set(cells(found, segment="SMB")) == set(cells(found))


def test_value_is_multiplied_by_conversions_and_by_those_with_a_value() -> None:
    found = oracle(
        view("3", "a"), order("4", "a", 10), order("4", "a", 20), order("4", "a", None),
        conversions=(ORDER,),
    )  # fmt: skip
    assert cells(found)["personalized", 3]["value_conversions_sum"] == 30 * 3
    assert cells(found)["personalized", 3]["value_valued_conversions_sum"] == 30 * 2


def test_crossovers_count_by_policy() -> None:
    messages = [view("3", "a", False), view("4", "a", True), view("3", "b", False)]
    found = oracle(*messages, conversions=(SIGNUP,))

    def visitors(found: Oracle) -> dict[Any, int]:
        return {key: row["visitors"] for key, row in cells(found, "signup").items()}

    assert visitors(found) == {("control", 3): 2}
    assert visitors(found.under("ever_treated")) == {("control", 3): 1, ("personalized", 4): 1}
    assert visitors(found.under("exclude")) == {("control", 3): 1}


def test_there_is_no_sum_of_values_without_a_path_or_in_two_currencies() -> None:
    def found(currency: str) -> Oracle:
        return oracle(
            view("3", "a"), signup("4", "a"), view("3", "b", segment="Other"),
            order("4", "a", 10, properties={"currency": "USD"}),
            order("4", "b", 10, properties={"currency": currency}),
            conversions=(SIGNUP, ORDER),
        )  # fmt: skip

    sums = {
        "value_sum", "value_sum_squares", "value_conversions_sum", "value_valued_conversions_sum",
        "pre_value_sum", "pre_value_sum_squares", "pre_value_value_sum",
    }  # fmt: skip
    signups = cells(found("USD"), "signup")["personalized", 3]
    assert {name for name, value in signups.items() if value is None} == {"period"} | sums
    assert cells(found("USD"))["personalized", 3]["value_sum"] == 20
    mixed = cells(found("EUR"), segment="Other")["personalized", 3]
    assert {name for name, value in mixed.items() if value is None} == {"period"} | sums
    assert mixed["valued_conversions"] == 1
