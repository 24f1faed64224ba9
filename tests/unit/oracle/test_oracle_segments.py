"""Hand-computed examples of user segments by rule, by audience and by what was served."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml

from tests.unit.oracle.build import at, oracle, raw, track, view
from tests.warehouse.oracle.entries import Trigger
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.oracle.rules import (
    Compare,
    Count,
    Every,
    InAudience,
    Not,
    Rule,
    Segment,
    Some,
)
from tests.warehouse.oracle.settings import Audience, CrmRow, OracleSettings, configuration
from tests.warehouse.world_traits import RULES

DAY = timedelta(days=1)
PAGE = Trigger(type="page")
LISTED = (Audience(key="vip"),)
Interval = tuple[datetime, datetime | None]


def trait(name: str, op: str, value: Any) -> Compare:
    return Compare("trait", name, op, value)


def account(name: str, op: str, value: Any) -> Compare:
    return Compare("account", name, op, value)


def told(when: str, user: str = "u", **traits: Any) -> RawMessage:
    return raw("identify", when, user, traits=traits)


def page(when: str, user: str = "u", **fields: Any) -> RawMessage:
    return raw("page", when, user, **fields)


def engage(when: str, **traits: Any) -> RawMessage:
    personas = {"computation_class": "trait"}
    return raw("identify", when, "u", traits=traits, context={"personas": personas})


def under(rule: Rule, *messages: RawMessage, **settings: Any) -> Oracle:
    segments = (Segment("s", Every((rule,))),)
    return oracle(*messages, segments=segments, audiences=LISTED, **settings)


def members(
    rule: Rule, *messages: RawMessage, until: str = "30", **settings: Any
) -> list[Interval]:
    """When `u` is a member, as somebody else's page at `until` lets one see it."""
    rows = under(rule, *messages, page(until, "else"), **settings).fct_user_segment_memberships
    return [
        (row["member_from"], row["member_to"])
        for row in rows
        if row["origin"] == "rule" and row["person_id"] == "user_id:u"
    ]


def test_employees_below_fifty_are_numbers() -> None:
    found = under(
        trait("employees", "<", 50), told("1", "u1", employees=40), told("1", "u2", employees="40")
    )
    [row] = found.fct_user_segment_memberships
    assert (row["person_id"], row["user_segment"], row["origin"]) == ("user_id:u1", "s", "rule")


def test_membership_by_a_trait_lasts_as_long_as_its_value() -> None:
    rule = trait("plan", "=", "pro")
    changed = [told("1", plan="free"), told("2", plan="pro"), told("3", seats=1)]
    assert members(rule, *changed) == [(at("2"), None)]
    assert members(rule, *changed, told("4", plan=None)) == [(at("2"), at("4"))]
    assert members(Not(rule), *changed) == [(at("1"), at("2"))]


def test_what_holds_of_strangers_begins_when_they_are_first_seen() -> None:
    for rule in (
        trait("plan", "!=", "pro"),
        trait("plan", "=", None),
        Count(PAGE, "<", 9),
        Not(InAudience("vip")),
        account("plan", "!=", "pro"),
    ):
        assert members(rule, engage("1", x=1), track("Began", "2", "u"), page("3")) == [
            (at("2"), None)
        ]
        assert members(rule, engage("1", x=1), engage("2", x=2)) == [(at("1"), None)]


def test_what_does_not_hold_of_strangers_may_begin_before_they_are_seen() -> None:
    assert members(trait("x", "=", 1), engage("1", x=1), page("2")) == [(at("1"), None)]
    either = Some((trait("x", "=", 1), Not(trait("y", "=", 1))))
    assert members(either, engage("1", x=1), page("2")) == [(at("2"), None)]


def test_nobody_is_a_member_of_whom_nothing_was_ever_said() -> None:
    silent = view("1", "d", context={"personas": {"computation_class": "trait"}})
    assert under(trait("x", "!=", 1), silent).fct_user_segment_memberships == []


def test_count_within_opens_at_the_nth_and_closes_after_the_oldest_counted() -> None:
    rule = Count(PAGE, ">=", 2, 7 * DAY)
    assert members(rule, page("1"), page("4")) == [(at("4"), at("8"))]
    assert members(rule, page("1"), page("4"), page("6")) == [(at("4"), at("11"))]
    assert members(rule, page("1"), page("8")) == []  # the end of the window is outside
    assert members(rule, page("1"), page("7 23:59:59.999999")) == [
        (at("7 23:59:59.999999"), at("8"))
    ]
    assert members(rule, page("1"), page("1")) == [(at("1"), at("8"))]
    # One leaves the window at the instant another comes: it never had fewer.
    assert members(rule, page("1"), page("2"), page("8")) == [(at("2"), at("9"))]


def test_count_without_within_counts_for_ever() -> None:
    assert members(Count(PAGE, ">=", 2), page("1"), page("4")) == [(at("4"), None)]


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        (">=", [("4", "8")]),
        (">", []),
        ("<", [("1", "4"), ("8", None)]),
        ("<=", [("1", None)]),
        ("=", [("4", "8")]),
        ("!=", [("1", "4"), ("8", None)]),
    ],
)
def test_other_operators_are_complements(op: str, expected: list[tuple[str, str | None]]) -> None:
    spans = [(at(start), None if end is None else at(end)) for start, end in expected]
    assert members(Count(PAGE, op, 2, 7 * DAY), page("1"), page("4")) == spans


def test_only_behaviour_counts_as_events() -> None:
    rule = Count(PAGE, ">=", 1)
    contexts: list[dict[str, Any]] = [{"userAgent": "bot"}, {"personas": {}}]
    for context in contexts:
        assert members(rule, page("1", context=context), told("2", x=1)) == []
    assert members(rule, raw("screen", "1", "u")) == []


def test_what_ends_after_as_of_has_not_ended() -> None:
    rule = Count(PAGE, ">=", 1, 7 * DAY)
    assert members(rule, page("1"), until="7") == [(at("1"), None)]
    assert members(rule, page("1"), until="8") == [(at("1"), at("8"))]
    # What is then sure to begin has not begun.
    assert members(Not(rule), page("1"), until="7") == []
    assert members(Not(rule), page("1"), until="8") == [(at("8"), None)]


def test_account_predicates_hold_while_one_belongs_to_an_account_of_that_kind() -> None:
    rule = account("plan", "=", "pro")
    joined = raw("group", "1", "u", groupId="a", traits={"plan": "free"})
    bought = raw("group", "2", "other", groupId="a", traits={"plan": "pro"})
    removed = track("Account Removed User", "4", "u", groupId="a")
    assert members(rule, joined, bought, removed) == [(at("2"), at("4"))]
    assert members(rule, joined, bought, removed, page("5", groupId="a"))[1:] == [(at("5"), None)]
    ended = raw("group", "3", groupId="a", traits={"plan": None})
    assert members(rule, joined, bought, removed, ended) == [(at("2"), at("3"))]


def test_account_opposites_hold_while_no_account_is_of_that_kind() -> None:
    free = raw("group", "1", "u", groupId="a", traits={"plan": "free"})
    pro = raw("group", "2", "u", groupId="b", traits={"plan": "pro"})
    assert members(account("plan", "=", "pro"), free, pro) == [(at("2"), None)]
    assert members(account("plan", "!=", "pro"), free, pro) == [(at("1"), at("2"))]
    assert members(account("plan", "=", None), page("1"), pro) == [(at("1"), at("2"))]


def test_rules_nest() -> None:
    rule = Some((
        Every((trait("plan", "=", "pro"), Not(Count(PAGE, ">=", 1, DAY)))),
        InAudience("vip"),
    ))  # fmt: skip
    messages = [told("1", plan="pro"), page("3"), told("5", plan="free"), told("7", vip=True)]
    assert members(rule, *messages, told("8", vip=False)) == [
        (at("1"), at("3")), (at("4"), at("5")), (at("7"), at("8"))
    ]  # fmt: skip


def test_simultaneous_messages_are_seen_at_once() -> None:
    rule = Every((trait("a", "=", 1), trait("b", "=", 1)))
    swapped = [told("2", a=None, b=1), told("2", a=1)]
    assert members(rule, told("1", a=1, b=1), *swapped) == [(at("1"), None)]


def test_a_merged_person_has_one_history() -> None:
    visitor = raw("identify", "1", None, "d", traits={"plan": "pro"})
    login = raw("page", "3", "u", "d")
    assert members(trait("plan", "=", "pro"), visitor, told("2", plan="free"), login) == [
        (at("1"), at("2"))
    ]


def test_crm_records_hold_by_email_and_a_contact_leaves_no_lead() -> None:
    lead = CrmRow("lead", " Bob@X.com", {"Industry": "SaaS"})
    contact = CrmRow("contact", "bob@x.com", {"Industry": "Finance"}, at("3"))
    told_email = told("2", email="BOB@x.com ")
    saas, finance = (
        Compare("lead", "Industry", "=", "SaaS"),
        Compare("contact", "Industry", "=", "Finance"),
    )
    assert members(saas, told_email, crm=(lead,)) == [(at("2"), None)]
    assert members(saas, told_email, crm=(lead, contact)) == []
    assert members(finance, told_email, crm=(contact,)) == [(at("3"), None)]
    assert members(saas, told("2", Email="bob@x.com"), crm=(lead,)) == []
    assert members(saas, told_email, told("4", email=None), crm=(lead,)) == [(at("2"), at("4"))]
    [row] = under(saas, crm=(lead,)).dim_user_segments[:1]
    assert row["is_retrospective"] is True


def test_served_from_the_first_view_to_one_microsecond_after_the_last() -> None:
    views = [view("3", "d"), view("1", "d", False, segment="Small"), view("2", "d", segment="B2B")]
    rows = oracle(*views, segment_aliases={"SMB": "Small"}).fct_user_segment_memberships
    served = {row["user_segment"]: (row["member_from"], row["member_to"]) for row in rows}
    assert served == {
        "Home / Small": (at("1"), None),  # as of its last view it has not ended
        "Home / B2B": (at("2"), at("2 00:00:00.000001")),
    }
    assert {(row["origin"], row["vendor"]) for row in rows} == {("served", "mutiny")}


def test_sizes_are_as_of_the_last_message_received() -> None:
    messages = [
        told("1", "a", plan="pro"), told("8", "b", plan="pro"), told("9", "c", plan="pro"),
        told("9 00:00:00.000001", "d", plan="pro"), told("9 12:00", "d", plan="free"),
        told("10", "e", plan="pro"), told("10", "b", plan="free"),
    ]  # fmt: skip
    rows = under(trait("plan", "=", "pro"), *messages).dim_user_segments
    assert rows == [
        {
            "user_segment": "s", "origin": "rule", "is_retrospective": False,
            "current_size": 3, "entered_last_day": 2, "left_last_day": 2,
        },
        {
            "user_segment": "vip", "origin": "audience", "is_retrospective": False,
            "current_size": 0, "entered_last_day": 0, "left_last_day": 0,
        },
    ]  # fmt: skip


def test_rules_are_written_as_the_configuration_reads_them() -> None:
    rule = Not(Some((Count(PAGE, "<", 3, 7 * DAY), trait("x", "in", ("a", 1)), InAudience("vip"))))
    settings = OracleSettings(segments=(Segment("s", rule),), audiences=LISTED)
    written = yaml.safe_load(yaml.safe_dump(configuration(settings)))
    assert written["audiences"] == [{"key": "vip"}]
    assert written["segments"] == [
        {
            "name": "s",
            "not": {
                "any": [
                    {"event": 'type = "page"', "op": "<", "count": 3, "within": "7d"},
                    {"trait": "x", "op": "in", "value": ["a", 1]},
                    {"audience": "vip"},
                ]
            },
        }
    ]
    assert len({segment.name for segment in RULES}) == len(RULES)
