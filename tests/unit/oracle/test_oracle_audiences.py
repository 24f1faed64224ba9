"""Hand-computed examples of audiences: what speaks of one, and who is a member when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.unit.oracle.build import at, oracle, raw, track
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.settings import Audience, Source

SOURCES = {"web": Source(), "engage": Source(id="eN1", kind="engage")}
Interval = tuple[datetime, datetime | None]


def personas(kind: Any = "audience", key: Any = "vip") -> dict[str, Any]:
    return {"personas": {"computation_class": kind, "computation_key": key}}


def told(when: str, state: Any, **fields: Any) -> RawMessage:
    fields = {"traits": {"vip": state}, "context": personas()} | fields
    return raw("identify", when, "u", **fields)


def moved(when: str, event: str = "Moved", context: Any = None, **properties: Any) -> RawMessage:
    context = context or personas()
    return track(event, when, "u", properties=properties, context=context)


def members(*messages: RawMessage, **settings: Any) -> dict[str, list[Interval]]:
    found = oracle(*messages, **({"sources": SOURCES} | settings))
    intervals: dict[str, list[Interval]] = {}
    for row in found.fct_user_segment_memberships:
        assert (row["person_id"], row["origin"], row["vendor"]) == ("user_id:u", "audience", None)
        span = (row["member_from"], row["member_to"])
        intervals.setdefault(row["user_segment"], []).append(span)
    return intervals


def test_membership_lasts_from_true_to_false() -> None:
    assert members(told("1", True), told("3", False)) == {"vip": [(at("1"), at("3"))]}
    assert members(told("1", True), told("3", None)) == {"vip": [(at("1"), at("3"))]}


def test_only_engage_ends_a_membership() -> None:
    later = raw("page", "28", "u")
    assert members(told("1", True), later) == {"vip": [(at("1"), None)]}


def test_a_repeat_neither_opens_nor_closes() -> None:
    assert members(told("1", True), told("6", True)) == {"vip": [(at("1"), None)]}
    states = {"1": True, "2": False, "3": False, "4": True, "5": "true"}
    again = [told(day, state) for day, state in states.items()]
    assert members(*again) == {"vip": [(at("1"), at("2")), (at("4"), None)]}
    assert members(told("1", False), told("2", None)) == {}


@pytest.mark.parametrize("state", [1, "True", "yes", "", [True], {"is": True}])
def test_other_values_are_no_state(state: Any) -> None:
    assert members(told("1", state)) == {}
    assert members(told("1", True), told("2", state)) == {"vip": [(at("1"), None)]}


def test_text_counts() -> None:
    assert members(told("1", "true"), told("2", "false")) == {"vip": [(at("1"), at("2"))]}


def test_simultaneous_states_leave_the_last() -> None:
    both = [told("2", False, id="m1"), told("2", True, id="m2")]
    assert members(told("1", True), *both) == {"vip": [(at("1"), None)]}
    assert members(told("2", True, id="m0"), both[0]) == {}


def test_class_and_key_tell_which_trait_is_an_audience() -> None:
    traits = {"vip": True, "is_admin": True, "employees": 40}
    assert set(members(told("1", True, traits=traits))) == {"vip"}
    keyless = told("1", True, traits=traits, context=personas(key=None))
    assert set(members(keyless)) == {"vip", "is_admin"}
    for context in (personas("trait"), personas(None), {}, {"personas": "audience"}):
        assert members(told("1", True, traits=traits, context=context)) == {}


def test_booleans_of_an_engage_source_are_audiences_unless_it_says_otherwise() -> None:
    traits = {"vip": True, "is_admin": "true", "employees": 40, "gone": None}
    engage = {"source": "engage", "traits": traits}
    assert set(members(told("1", True, context={}, **engage))) == {"vip", "is_admin"}
    assert set(members(told("1", True, **engage))) == {"vip", "is_admin"}
    assert members(told("1", True, context=personas("trait"), **engage)) == {}


def test_listed_audiences_are_found_in_any_source_by_key_or_name() -> None:
    listed = (Audience(name="Recent Buyers"), Audience(name="V.I.P.", key="vip"))
    message = told("1", True, context={}, traits={"recent_buyers": True, "vip": "true", "x": True})
    assert set(members(message, audiences=listed)) == {"recent_buyers", "vip"}
    assert members(message) == {}


@pytest.mark.parametrize(
    ("name", "key"),
    [("Recent Buyers", "recent_buyers"), ("Last 30 Days!", "last_30_days"), ("VIPs", "vips")],
)
def test_key_is_the_name_in_snake_case(name: str, key: str) -> None:
    assert Audience(name=name).trait == key


def test_track_calls_of_any_name_open_and_close() -> None:
    assert members(moved("1", vip=True), moved("2", vip="false")) == {"vip": [(at("1"), at("2"))]}
    assert members(moved("1", vip=True), moved("2", vip=None)) == {"vip": [(at("1"), at("2"))]}


def test_track_calls_without_a_state_go_by_their_name() -> None:
    entered, exited = moved("1", "Audience Entered"), moved("2", "Audience Exited", vip="no")
    assert members(entered, exited) == {"vip": [(at("1"), at("2"))]}
    assert members(moved("1", "Audience Entered", vip=False)) == {}  # the property before the name
    assert members(moved("1", other=True)) == {}


def test_track_calls_without_a_key_speak_of_their_boolean() -> None:
    opened = moved("1", context=personas(key=None), audience_key="vip", vip=True)
    assert members(opened) == {"vip": [(at("1"), None)]}


def test_track_calls_of_others_speak_of_no_audience() -> None:
    for context in ({"groupId": "g"}, personas("trait"), personas("journey_step")):
        assert members(moved("1", "Audience Entered", context, vip=True)) == {}


def test_excluded_messages_speak_of_no_audience() -> None:
    assert members(told("1", True, context=personas() | {"userAgent": "bot"})) == {}


def test_an_anonymous_member_is_the_user_it_becomes() -> None:
    before = raw("identify", "1", None, "d", traits={"vip": True}, context=personas())
    login = raw("page", "2", "u", "d")
    assert members(before, login, told("3", False)) == {"vip": [(at("1"), at("3"))]}
