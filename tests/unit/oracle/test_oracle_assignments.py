"""Hand-computed examples of exposures, units, crossovers and periods."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.unit.oracle.build import at, oracle, raw, track, view
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.oracle.settings import Crossover

ALL = "(all)"


def units(found: Oracle, segment: str = ALL, **columns: Any) -> dict[str, dict[str, Any]]:
    return {
        row["unit_id"].removeprefix("anonymous_id:"): row
        for row in found.fct_assignments
        if row["audience_segment"] == segment
        and all(row[name] == value for name, value in columns.items())
    }


@pytest.mark.parametrize(
    ("sent", "arm"),
    [(True, "personalized"), ("true", "personalized"), (False, "control"), ("false", "control")],
)
def test_arm_is_what_personalized_says(sent: Any, arm: str) -> None:
    [row] = oracle(view("1", "a", sent)).fct_exposures
    assert (row["arm"], row["variant"], row["vendor"]) == (arm, arm, "mutiny")
    assert (row["experience"], row["audience_segment"]) == ("Home", "SMB")
    assert (row["exposed_at"], row["person_id"]) == (at("1"), "anonymous_id:a")


@pytest.mark.parametrize("sent", [None, 1, 0, "True", "yes", "", {}])
def test_anything_else_is_incomplete_and_never_control(sent: Any) -> None:
    found = oracle(view("1", "a", sent, id="x"))
    assert found.fct_exposures == []
    assert found.rpt_incomplete_exposures == [
        {"message_id": "x", "vendor": "mutiny", "reason": "unknown_personalized"}
    ]


@pytest.mark.parametrize("sent", [None, ""])
def test_missing_name_is_incomplete(sent: Any) -> None:
    found = oracle(view("1", "a", experience=sent), view("2", "a", segment=sent))
    assert [row["reason"] for row in found.rpt_incomplete_exposures] == [
        "missing_experience",
        "missing_audience_segment",
    ]


@pytest.mark.parametrize(
    "context", [{"userAgent": "bot"}, {"personas": {"computation_class": "audience"}}]
)
def test_excluded_and_engage_messages_are_no_exposure(context: dict[str, Any]) -> None:
    found = oracle(view("1", "a", context=context), view("1", "a", None, context=context))
    assert (found.fct_exposures, found.rpt_incomplete_exposures) == ([], [])


def test_view_of_nobody_is_outside() -> None:
    found = oracle(view("1", "undefined"), view("1", "undefined", None))
    assert (found.fct_exposures, found.rpt_incomplete_exposures) == ([], [])


def test_page_named_like_the_view_is_none() -> None:
    assert oracle(raw("page", device="a", name="Mutiny Experience Viewed")).fct_exposures == []


def test_unit_counts_once_and_all_its_views_are_impressions() -> None:
    found = oracle(view("3", "a"), view("1", "a"), view("2", "a", segment="Big"))
    row = units(found)["a"]
    assert (row["impressions"], row["is_crossover"]) == (3, False)
    assert (row["first_exposed_at"], row["last_exposed_at"]) == (at("1"), at("3"))
    assert units(found, "SMB")["a"]["impressions"] == 2
    assert units(found, "Big")["a"]["first_exposed_at"] == at("2")


def test_devices_of_one_person_are_one_unit() -> None:
    found = oracle(
        view("1", "a"), view("2", "b"), raw("page", "3", "u", "a"), raw("page", "3", "u", "b")
    )
    assert list(units(found)) == ["user_id:u"]
    assert units(found)["user_id:u"]["impressions"] == 2


def test_view_before_sign_up_counts_for_who_then_signed_up() -> None:
    found = oracle(
        raw("page", "1", "u1", "a"), view("2", "a"), raw("page", "3", "u2", "a"), view("4", "a")
    )
    assert {name: row["impressions"] for name, row in units(found).items()} == {"user_id:u2": 2}


def test_segment_aliases_apply_from_assignments_on() -> None:
    found = oracle(
        view("1", "a", segment="SMB"),
        view("2", "a", segment="Small"),
        segment_aliases={"SMB": "Small"},
    )
    assert [row["audience_segment"] for row in found.fct_exposures] == ["SMB", "Small"]
    assert units(found, "SMB") == {}
    assert units(found, "Small")["a"]["impressions"] == 2


@pytest.mark.parametrize(
    ("policy", "arms", "variant", "clock"),
    [
        ("first", (False, True), "control", "1"),
        ("first", (True, False), "personalized", "1"),
        ("exclude", (False, True), "control", "1"),
        ("ever_treated", (False, True), "personalized", "2"),
        ("ever_treated", (True, False), "personalized", "1"),
    ],
)
def test_crossover_is_resolved_by_policy(
    policy: Crossover, arms: tuple[bool, bool], variant: str, clock: str
) -> None:
    found = oracle(view("1", "a", arms[0]), view("2", "a", arms[1]), crossover=policy)
    row = units(found)["a"]
    assert (row["variant"], row["arm"], row["is_crossover"]) == (variant, variant, True)
    assert (row["first_exposed_at"], row["impressions"]) == (at(clock), 2)


def test_excluded_crossover_is_in_no_figure() -> None:
    messages = [view("1", "a", False), view("2", "a", True), view("1", "b", True)]
    found = oracle(*messages, crossover="exclude")
    assert set(units(found)) == {"a", "b"}
    assert found.under("first").fct_assignments[0]["is_crossover"]


def test_crossover_over_segments_is_one_of_all_only() -> None:
    found = oracle(view("1", "a", True, segment="X"), view("2", "a", False, segment="Y"))
    assert units(found)["a"]["is_crossover"]
    assert not units(found, "X")["a"]["is_crossover"]
    assert not units(found, "Y")["a"]["is_crossover"]


def test_simultaneous_views_follow_the_order_of_messages() -> None:
    found = oracle(view("1", "a", True, id="m2"), view("1", "a", False, id="m1"))
    assert units(found)["a"]["variant"] == "control"


def test_periods_have_assignments_of_their_own() -> None:
    periods = {"Home": ((date(2026, 5, 2), date(2026, 5, 4)), (date(2026, 5, 4), None))}
    found = oracle(
        view("1 23:59:59.999999", "a", False),  # in none
        view("2", "a", True),
        view("3 23:59:59.999999", "a", True),
        view("4", "a", False),
        view("1", "a", experience="Other"),
        periods=periods,
    )
    home = units(found, experience="Home", period=date(2026, 5, 2))["a"]
    assert (home["impressions"], home["variant"], home["is_crossover"]) == (
        2,
        "personalized",
        False,
    )
    relaunched = units(found, experience="Home", period=date(2026, 5, 4))["a"]
    assert (relaunched["impressions"], relaunched["variant"]) == (1, "control")
    assert units(found, experience="Other", period=None)["a"]["impressions"] == 1
    assert len(found.fct_assignments) == 6


def test_who_was_never_exposed_is_no_unit() -> None:
    found = oracle(view("1", "a"), track("Signed Up", "1", device="b"))
    assert set(units(found)) == {"a"}
