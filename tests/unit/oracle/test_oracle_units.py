"""Hand-computed examples of units that are no persons, and of whose a conversion is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.oracle.build import SIGNUP, at, oracle, raw, signup, track, view
from tests.warehouse.oracle.entries import Entry, UnitType
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.oracle.settings import OracleSettings, configuration


def units(found: Oracle, segment: str = "(all)") -> dict[str, dict[str, Any]]:
    return {
        row["unit_id"]: row for row in found.fct_assignments if row["audience_segment"] == segment
    }


def done(found: Oracle, segment: str = "(all)") -> dict[str, int]:
    return {
        row["unit_id"]: row["conversions"]
        for row in found.unit_outcomes()
        if row["audience_segment"] == segment
    }


def by(unit: UnitType, *messages: RawMessage, **settings: Any) -> Oracle:
    return oracle(*messages, unit=unit, conversions=(SIGNUP,), **settings)


def seen(when: str, user: Any = None, device: Any = None, **fields: Any) -> RawMessage:
    """A view by whoever."""
    return view(when, device, userId=user, **fields)


def sign_up(when: str, user: Any = None, device: Any = None, **fields: Any) -> RawMessage:
    return track("Signed Up", when, user, device, **fields)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("person", {"user_id:u"}),
        ("anonymous_id", {"a", "b"}),
        ("user_id", {"u"}),
        ("account", {"g"}),
    ],
)
def test_unit_is_what_is_configured(unit: UnitType, expected: set[str]) -> None:
    found = by(unit, seen("1", "u", "a", groupId="g"), seen("2", "u", "b"))
    assert set(units(found)) == expected
    assert {row["unit_type"] for row in found.fct_assignments} == {unit}


def test_unit_of_an_adapter_goes_before_that_of_all() -> None:
    found = by("account", seen("1", "u", "a"), exposures=(Entry(unit="anonymous_id"),))
    assert set(units(found)) == {"a"}
    asked = configuration(found.settings)
    assert asked["statistics"]["unit"] == "account"
    assert asked["exposures"] == [{"adapter": "mutiny", "unit": "anonymous_id"}]
    assert configuration(OracleSettings())["exposures"] == [{"adapter": "mutiny"}]


def test_exposure_without_its_unit_is_in_no_assignment_and_starts_no_grain() -> None:
    found = by(
        "user_id", seen("1", None, "a", segment="X"), seen("2", "u", "a"), raw("page", "4", "z")
    )
    assert len(found.fct_exposures) == 2
    assert set(units(found)) == {"u"}
    assert units(found)["u"]["impressions"] == 1
    days = {row["as_of_date"] for row in found.fct_experience_lift_daily}
    assert min(days) == at("2").date()
    assert "X" not in {row["audience_segment"] for row in found.fct_experience_lift}


def test_blocked_identifiers_and_hubs_are_no_units() -> None:
    logins = [raw("page", "1", f"u{number}", "kiosk") for number in range(3)]
    found = by(
        "anonymous_id",
        *logins,
        seen("2", "u0", "kiosk"),
        seen("3", "u1", " Undefined "),
        seen("4", "u2", "a"),
        max_links=2,
    )
    assert len(found.fct_exposures) == 3
    assert set(units(found)) == {"a"}


def test_identifiers_that_look_blocked_are_accounts_all_the_same() -> None:
    assert set(units(by("account", seen("1", "u", groupId="null")))) == {"null"}


@pytest.mark.parametrize(
    ("fields", "account"),
    [
        ({"groupId": "g", "context": {"groupId": "other"}}, "g"),
        ({"groupId": "", "context": {"groupId": "g"}}, "g"),
        ({"groupId": None, "context": {"groupId": 7}}, "7"),
        ({"groupId": None, "context": {"groupId": True}}, None),
    ],
)
def test_account_is_the_messages_own(fields: dict[str, Any], account: str | None) -> None:
    found = by("account", seen("1", "u", **fields))
    assert set(units(found)) == ({account} if account else set())


def test_account_counts_only_conversions_that_name_it() -> None:
    found = by(
        "account",
        seen("1", "u", groupId="g"),
        sign_up("2", "u", groupId="g"),
        sign_up("2", "v", context={"groupId": "g"}),
        sign_up("3", "u"),
        sign_up("3", "u", groupId="other"),
    )
    assert done(found) == {"g": 2}


def test_conversion_belongs_to_the_unit_it_carries_whoever_did_it() -> None:
    found = by("anonymous_id", seen("1", "u", "a"), seen("2", "u", "b"), sign_up("3", "v", "b"))
    assert done(found) == {"a": 0, "b": 1}


def test_conversion_of_a_unit_that_was_not_exposed_does_not_fall_back() -> None:
    found = by("anonymous_id", seen("1", "u", "a"), sign_up("2", "u", "b"))
    assert done(found) == {"a": 0}


def test_conversion_without_a_unit_belongs_to_its_persons_earliest_exposed() -> None:
    found = by(
        "anonymous_id",
        seen("2", "u", "a", segment="X"),
        seen("1", "u", "b", segment="Y"),
        seen("1", "u"),  # has no unit
        sign_up("3", "u"),
        sign_up("4", "u", "null"),
        sign_up("4", "v"),
    )
    assert done(found) == {"a": 0, "b": 2}
    assert done(found, "X") == {"a": 2}  # of that grain


def test_earliest_exposed_unit_follows_the_order_of_messages() -> None:
    found = by(
        "anonymous_id",
        seen("1", "u", "a", id="m2"),
        seen("1", "u", "b", id="m1"),
        sign_up("2", "u"),
    )
    assert done(found) == {"a": 0, "b": 1}


def test_device_of_two_persons_has_what_both_did() -> None:
    found = by(
        "anonymous_id",
        seen("1", "u", "a"),
        seen("3", "v", "a"),
        sign_up("2", "u"),
        sign_up("2", "v"),
    )
    assert done(found) == {"a": 2}


def test_whose_unit_a_person_is_is_an_identity_that_later_views_tell_too() -> None:
    found = by(
        "anonymous_id", seen("1", "u", "a"), seen("3", "v", "a"), sign_up("2", "v"),
        raw("page", "5", "z"),
    )  # fmt: skip
    converters = {
        row["as_of_date"].day: row["variant_converters"]
        for row in found.fct_experience_lift_daily
        if row["audience_segment"] == "(all)" and row["metric"] == "conversion_rate"
    }
    assert converters == {1: 0, 2: 1}


def test_user_conversion_of_a_device_alone_belongs_to_who_owned_it() -> None:
    found = by(
        "user_id", seen("1", "u", "a"), signup("2", "a"), sign_up("2", "v", "a"), sign_up("3", "u")
    )
    # The first is v's by the login that follows it, and v was never exposed.
    assert done(found) == {"u": 1}
    found = by("user_id", seen("1", "u", "a"), signup("2", "a"))
    assert done(found) == {"u": 1}


def test_crossover_that_is_left_out_hands_on_no_conversion() -> None:
    found = by(
        "anonymous_id",
        seen("1", "u", "a", personalized=True),
        seen("2", "u", "a", personalized=False),
        seen("3", "u", "b", personalized=True),
        sign_up("4", "u"),
        crossover="exclude",
    )
    assert done(found) == {"b": 0}


def test_attribution_goes_by_person() -> None:
    messages = [seen("1", "u", "a", id="view"), sign_up("2", "u", "b")]
    units: list[UnitType] = ["person", "anonymous_id", "user_id", "account"]
    for unit in units:
        credited = by(unit, *messages).fct_attributions
        assert {row["exposure_message_id"] for row in credited} == {"view"}
