"""Hand-computed rows of what each unit did, and of the lift among those who share a value."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.unit.oracle.build import ORDER, SIGNUP, at, oracle, order, signup, track, view
from tests.warehouse.oracle.oracle import Oracle

Row = dict[str, Any]


def units(found: Oracle, conversion: str = "order", segment: str = "(all)") -> dict[str, Row]:
    return {
        row["unit_id"].removeprefix("anonymous_id:"): row
        for row in found.fct_unit_outcomes
        if (row["conversion"], row["audience_segment"]) == (conversion, segment)
    }


def test_each_unit_has_what_it_did_of_each_conversion() -> None:
    found = oracle(
        view("3", "a"), order("2", "a", 3), order("4", "a", 10), order("5", "a", None),
        track("Order Refunded", "5", device="a", properties={"revenue": 1}),
        view("3", "b", False), signup("10", "b"),
        conversions=(ORDER, SIGNUP),
    )  # fmt: skip
    assert units(found)["a"] == {
        "vendor": "mutiny",
        "experience": "Home",
        "audience_segment": "(all)",
        "period": None,
        "unit_type": "person",
        "unit_id": "anonymous_id:a",
        "variant": "personalized",
        "arm": "personalized",
        "first_exposed_at": at("3"),
        "conversion": "order",
        "is_converted": True,
        "conversions": 2,
        "valued_conversions": 1,
        "value": Fraction(9),
        "first_converted_at": at("4"),
        "pre_conversions": 1,
        "pre_value": Fraction(3),
        "is_matured": True,  # the message of the tenth is when its window closes
        "is_counted": True,
    }
    idle = units(found)["b"]
    assert (idle["is_converted"], idle["value"], idle["first_converted_at"]) == (False, 0, None)
    # The instant of the end does not count, and without a path there is no value.
    ended = units(found, "signup")["b"]
    assert (ended["is_converted"], ended["value"], ended["pre_value"]) == (False, None, None)
    assert set(units(found, segment="SMB")) == {"a", "b"}


def test_a_crossover_that_is_left_out_did_something_all_the_same() -> None:
    found = oracle(
        view("3", "a", False), view("4", "a", True), order("5", "a", 10), view("3", "b", False),
        conversions=(ORDER,),
    )  # fmt: skip

    def seen(found: Oracle) -> tuple[Any, ...]:
        row = units(found)["a"]
        return row["variant"], row["first_exposed_at"], row["conversions"], row["is_counted"]

    assert seen(found) == ("control", at("3"), 1, True)
    assert seen(found.under("ever_treated")) == ("personalized", at("4"), 1, True)
    assert seen(found.under("exclude")) == ("control", at("3"), 1, False)
    assert units(found.under("exclude"))["b"]["is_counted"]


@pytest.mark.parametrize(("policy", "value"), [("first", None), ("exclude", Fraction(10))])
def test_what_is_not_counted_mixes_no_currencies(policy: Any, value: Fraction | None) -> None:
    found = oracle(
        view("3", "a"), order("4", "a", 10, properties={"currency": "USD"}),
        view("3", "b"), view("5", "b", False), order("4", "b", 7, properties={"currency": "EUR"}),
        conversions=(ORDER,), crossover=policy,
    )  # fmt: skip
    assert units(found)["a"]["value"] == value


def lifts(found: Oracle, metric: str = "conversion_rate") -> dict[tuple[str, str], Row]:
    return {
        (row["breakdown"], row["value"]): row
        for row in found.rpt_lift_by_breakdown
        if (row["metric"], row["audience_segment"]) == (metric, "(all)")
    }


def test_each_value_of_a_breakdown_has_the_lift_of_its_units() -> None:
    phone = {"context": {"device": {"type": "phone"}}}
    found = oracle(
        view("3", "a", **phone), signup("4", "a"), view("3", "b", **phone), signup("4", "b"),
        view("3", "c", False, **phone), signup("4", "c"), view("3", "d", False, **phone),
        view("3", "e", False),
        conversions=(SIGNUP,), min_visitors=2, min_converters=3,
        breakdowns={"context.device.type": "device", "context.nowhere": "nowhere"},
    )  # fmt: skip
    assert set(lifts(found)) == {("device", "phone"), ("device", "(none)"), ("nowhere", "(none)")}
    of_phones = lifts(found)["device", "phone"]
    assert (of_phones["control_visitors"], of_phones["variant_visitors"]) == (2, 2)
    assert (of_phones["lift"], of_phones["is_small"]) == (1.0, False)
    alone = lifts(found)["device", "(none)"]
    assert (alone["variant"], alone["control_visitors"], alone["lift"]) == ("(none)", 1, None)
    assert alone["is_small"]
    # What all units have alike is the experience itself.
    (whole,) = [
        row
        for row in found.fct_experience_lift
        if (row["metric"], row["audience_segment"]) == ("conversion_rate", "(all)")
    ]
    everybody = lifts(found)["nowhere", "(none)"]
    assert everybody["lift"] == pytest.approx(2.0)
    assert {key: whole[key] for key in everybody if key in whole} == {
        key: everybody[key] for key in everybody if key in whole
    }
