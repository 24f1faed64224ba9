"""Hand-computed examples of traits and of when they changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.unit.oracle.build import at, oracle, raw, track
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.oracle.values import canonical

ENGAGE = {"personas": {"computation_class": "trait", "computation_key": "total_revenue"}}


def told(when: str, user: Any = "u", device: Any = None, **fields: Any) -> RawMessage:
    return raw("identify", when, user, device, **fields)


def changes(found: Oracle, person_id: str = "user_id:u") -> list[tuple[str, Any, datetime]]:
    return [
        (row["trait"], row["value"], row["changed_at"])
        for row in found.fct_trait_changes
        if row["person_id"] == person_id
    ]


def current(found: Oracle) -> dict[str, dict[str, tuple[str, str]]]:
    persons: dict[str, dict[str, tuple[str, str]]] = {}
    for row in found.dim_person_traits:
        value = (row["value"], row["value_type"])
        persons.setdefault(row["person_id"], {})[row["trait"]] = value
    return persons


def test_identify_gives_traits_to_the_individual() -> None:
    [row] = oracle(told("1", id="m1", traits={"email": "a@example.com"})).fct_trait_changes
    assert row == {
        "person_id": "user_id:u",
        "trait": "email",
        "value": '"a@example.com"',
        "changed_at": at("1"),
        "source": "web",
        "message_id": "m1",
    }


def test_absent_keeps_null_removes_and_empty_text_is_a_value() -> None:
    found = oracle(
        told("1", traits={"plan": "pro", "seats": 3}),
        told("2", traits={"plan": ""}),
        told("3", traits={"seats": None, "never": None}),
        told("4", traits={"seats": None}),
        told("5"),
    )
    assert changes(found) == [
        ("plan", '"pro"', at("1")),
        ("seats", "3", at("1")),
        ("plan", '""', at("2")),
        ("seats", None, at("3")),
    ]
    assert current(found) == {"user_id:u": {"plan": ('""', "string")}}


@pytest.mark.parametrize(
    ("before", "after", "is_change"),
    [
        (40, 40, False),
        (40, 40.0, False),
        (450.0, 450, False),
        (0.00005, 5e-05, False),
        (40, "40", True),
        (True, "true", True),
        (True, 1, True),
        ("a", "A", True),
        ("", None, True),
        (["a", "b"], ["b", "a"], True),
        ({"a": 1, "b": None}, {"b": None, "a": 1}, False),
        ({"a": 1, "b": None}, {"a": 1}, True),
        ([], {}, True),
    ],
)
def test_only_another_value_is_a_change(before: Any, after: Any, is_change: bool) -> None:
    found = oracle(told("1", traits={"x": before}), told("2", traits={"x": after}))
    assert len(changes(found)) == 1 + is_change
    kept = oracle(told("1", traits={"x": before}), told("2", traits={"y": after, "x": before}))
    assert [name for name, _, _ in changes(kept)] == ["x"] + ["y"] * (after is not None)


@pytest.mark.parametrize(
    ("value", "text", "kind"),
    [
        ("é", '"é"', "string"),
        (450.0, "450", "number"),
        (-0.5, "-0.5", "number"),
        (False, "false", "boolean"),
        ([1, "a"], '[1,"a"]', "array"),
        ({"b": {"d": None, "c": 1}, "a": ""}, '{"a":"","b":{"c":1,"d":null}}', "object"),
    ],
)
def test_values_are_canonical_json_and_typed(value: Any, text: str, kind: str) -> None:
    assert canonical(value) == text
    found = oracle(told("1", traits={"x": value}))
    assert current(found) == {"user_id:u": {"x": (text, kind)}}


def test_traits_of_a_visitor_are_those_of_the_user_it_becomes() -> None:
    found = oracle(
        told("1", None, "d", traits={"industry": "Fin", "plan": "free"}),
        told("2", "u", traits={"plan": "pro"}),
        told("3", "u", "d", traits={"plan": "pro"}),
    )
    assert current(found) == {
        "user_id:u": {"industry": ('"Fin"', "string"), "plan": ('"pro"', "string")}
    }
    assert [name for name, _, _ in changes(found)] == ["industry", "plan", "plan"]


def test_simultaneous_messages_change_in_their_order() -> None:
    first = told("1", id="m1", traits={"plan": "a"})
    second = told("1", id="m2", traits={"plan": "b"})
    found = oracle(second, first)
    assert [value for _, value, _ in changes(found)] == ['"a"', '"b"']
    assert current(found)["user_id:u"]["plan"] == ('"b"', "string")


def test_engage_gives_traits_also_to_somebody_it_alone_has_heard_of() -> None:
    found = oracle(told("1", traits={"total_revenue": 450.0}, context=ENGAGE))
    assert current(found) == {"user_id:u": {"total_revenue": ("450", "number")}}
    [person] = found.dim_persons
    assert person["first_seen_at"] is None


@pytest.mark.parametrize(
    "message",
    [
        told("1", traits={"x": 1}, context={"userAgent": "bot"}),
        told("1", "null", traits={"x": 1}),
        raw("group", "1", "u", groupId="g", traits={"x": 1}),
        track("Trait Computed", "1", "u", properties={"x": 1}, context=ENGAGE),
        told("1", traits=[{"x": 1}]),
    ],
    ids=["excluded", "nobody", "group", "track", "no object"],
)
def test_nothing_else_gives_traits(message: RawMessage) -> None:
    assert oracle(message).fct_trait_changes == []
