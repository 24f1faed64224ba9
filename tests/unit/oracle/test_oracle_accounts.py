"""Hand-computed examples of accounts and of who belongs to them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from tests.unit.oracle.build import at, oracle, raw, track
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.oracle import Oracle

IN_A = {"groupId": "a"}
Times = tuple[datetime, datetime, datetime | None]


def removal(when: str, user: str = "u") -> RawMessage:
    return track("Account Removed User", when, user, context=IN_A)


def members(found: Oracle) -> dict[tuple[str, str], Times]:
    return {
        (row["person_id"], row["account_id"]): (
            row["first_seen_at"],
            row["last_seen_at"],
            row["removed_at"],
        )
        for row in found.bridge_person_accounts
    }


def traits(found: Oracle) -> dict[str, Any]:
    return {row["account_id"]: json.loads(row["traits"]) for row in found.dim_accounts}


def test_group_calls_and_any_calls_group_tie_persons_to_accounts_many_to_many() -> None:
    found = oracle(
        raw("group", "1", "u", groupId="a"),
        raw("page", "2", "u", context={"groupId": "b"}),
        raw("page", "3", "v", groupId="a", context={"groupId": "b"}),
        track("Trial Started", "4", "u", context=IN_A),
    )
    assert members(found) == {
        ("user_id:u", "a"): (at("1"), at("4"), None),
        ("user_id:u", "b"): (at("2"), at("2"), None),
        ("user_id:v", "a"): (at("3"), at("3"), None),
    }
    assert {row["account_id"]: row["person_count"] for row in found.dim_accounts} == {
        "a": 2,
        "b": 1,
    }
    assert len(found.dim_persons) == 2  # an account never ties persons to persons


def test_a_persons_evidence_is_that_of_all_its_identifiers() -> None:
    found = oracle(
        raw("page", "1", device="d", context=IN_A),
        raw("page", "2", "u", "d"),
        raw("group", "3", "u", groupId="a"),
    )
    assert members(found) == {("user_id:u", "a"): (at("1"), at("3"), None)}


def test_removal_closes_and_a_later_message_opens_again() -> None:
    joined, left, back = raw("group", "1", "u", groupId="a"), removal("3"), removal("5")
    assert members(oracle(joined, left)) == {("user_id:u", "a"): (at("1"), at("1"), at("3"))}
    # Who is out already is not removed a second time.
    assert members(oracle(joined, left, back))["user_id:u", "a"][2] == at("3")
    again = raw("page", "4", "u", context=IN_A)
    assert members(oracle(joined, left, again))["user_id:u", "a"] == (at("1"), at("4"), None)
    assert members(oracle(joined, left, again, back))["user_id:u", "a"][2] == at("5")


def test_removal_ties_nobody_by_itself_but_speaks_of_the_account() -> None:
    found = oracle(removal("1"), raw("group", "2", "v", groupId="a"), removal("3"))
    assert set(members(found)) == {("user_id:v", "a")}
    [account] = found.dim_accounts
    assert (account["first_seen_at"], account["last_seen_at"]) == (at("1"), at("3"))
    assert account["person_count"] == 1


def test_removal_is_a_track_call_of_the_canonical_name() -> None:
    old = track("account_removed", "2", "u", groupId="a")
    page = raw("page", "3", "u", name="Account Removed User", groupId="a")
    joined = raw("group", "1", "u", groupId="a")
    aliases = {"account_removed": "Account Removed User"}
    assert members(oracle(joined, old))["user_id:u", "a"][2] is None
    assert members(oracle(joined, old, aliases=aliases))["user_id:u", "a"][2] == at("2")
    assert members(oracle(joined, page))["user_id:u", "a"] == (at("1"), at("3"), None)


def test_simultaneous_messages_follow_the_order_of_messages() -> None:
    first = raw("group", "1", "u", id="m1", groupId="a")
    second = track("Account Removed User", "1", "u", id="m2", context=IN_A)
    assert members(oracle(second, first))["user_id:u", "a"][2] == at("1")
    earlier = track("Account Removed User", "1", "u", id="m0", context=IN_A)
    assert members(oracle(earlier, first))["user_id:u", "a"][2] is None


@pytest.mark.parametrize(
    ("value", "account"),
    [("a", "a"), ("A ", "A "), (7, "7"), (7.0, "7"), ("null", "null")]
    + [(nothing, None) for nothing in ("", None, True, ["a"], {"id": "a"})],
)
def test_account_in_context_is_text_compared_exactly(value: Any, account: str | None) -> None:
    found = oracle(raw("page", "1", "u", context={"groupId": value}))
    assert [row["account_id"] for row in found.dim_accounts] == [account] * (account is not None)


@pytest.mark.parametrize(
    "message",
    [
        raw("group", "1", "u", groupId="a", context={"userAgent": "bot"}),
        raw("group", "1", "u", groupId="a", context={"personas": {"computation_key": "x"}}),
        track("Violation Generated", "1", "u", groupId="a"),
        raw("group", "1", "null", groupId="a", traits={"plan": "pro"}),
        raw("group", "1", "u", "d", groupId=""),
    ],
    ids=["excluded", "engage", "system", "blocked", "no account"],
)
def test_what_is_nobodys_behaviour_makes_no_account(message: RawMessage) -> None:
    found = oracle(message)
    assert found.dim_accounts == found.bridge_person_accounts == []


def test_group_call_without_a_user_speaks_of_the_account_alone() -> None:
    found = oracle(raw("group", "1", groupId="a", traits={"plan": "pro"}))
    assert members(found) == {}
    assert found.dim_accounts == [
        {
            "account_id": "a",
            "traits": '{"plan":"pro"}',
            "person_count": 0,
            "first_seen_at": at("1"),
            "last_seen_at": at("1"),
        }
    ]


def test_latest_trait_counts_and_null_removes_it() -> None:
    found = oracle(
        raw("group", "2", "u", groupId="a", traits={"plan": "pro", "seats": 40, "note": ""}),
        raw("group", "1", "v", groupId="a", traits={"plan": "free", "Plan": "old"}),
        raw(
            "group", "3", "u", groupId="a", traits={"seats": None, "Industry": {"b": 1, "a": None}}
        ),
        raw("group", "3", "u", groupId="b", traits={"plan": "other"}),
        raw("identify", "4", "u", context=IN_A, traits={"plan": "mine"}),
    )
    assert traits(found) == {
        "a": {"Industry": {"b": 1, "a": None}, "Plan": "old", "note": "", "plan": "pro"},
        "b": {"plan": "other"},
    }
    assert list(traits(found)["a"]) == ["Industry", "Plan", "note", "plan"]
