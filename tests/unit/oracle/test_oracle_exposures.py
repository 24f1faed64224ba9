"""Hand-computed examples of adapters: who takes a message, what it says, which arm it is of."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.oracle.build import SIGNUP, at, oracle, raw, track, view
from tests.warehouse.oracle.entries import Entry, Trigger
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.oracle.settings import Source, configuration

SEEN = Trigger(event="Seen")


def custom(vendor: str = "shop", **fields: Any) -> Entry:
    paths = {"experience": ("properties.e",), "variant": ("properties.v", "properties.id")}
    return Entry("custom", **{"vendor": vendor, "trigger": SEEN, **paths, **fields})


def seen(when: str, user: Any = None, device: Any = "a", **properties: Any) -> RawMessage:
    return track("Seen", when, user, device, properties={"e": "X", "v": "b", **properties})


def asked(
    when: str, treatment: Any, user: Any = None, device: Any = None, **more: Any
) -> RawMessage:
    properties = {"split": "flag", "treatment": treatment, **more.pop("properties", {})}
    return track("get_treatment", when, user, device, properties=properties, **more)


def arms(found: Oracle) -> list[tuple[str, str, str]]:
    return [(row["experience"], row["variant"], row["arm"]) for row in found.fct_exposures]


def units(found: Oracle) -> set[tuple[str, str]]:
    return {(row["unit_type"], row["unit_id"]) for row in found.fct_assignments}


def reasons(found: Oracle) -> list[str]:
    return [row["reason"] for row in found.rpt_incomplete_exposures]


@pytest.mark.parametrize("name", ["(all)", "(none)", "(other)"])
def test_reserved_names_are_incomplete_after_what_is_missing(name: str) -> None:
    found = oracle(
        view("1", "a", experience=name),
        view("2", "a", segment=name),
        view("3", "a", segment=name, experience=None),
        view("4", "a", 7, segment=name),
    )
    assert found.fct_exposures == []
    assert reasons(found) == [
        "reserved_name", "reserved_name", "missing_experience", "unknown_personalized",
    ]  # fmt: skip


def test_reserved_names_are_incomplete_for_every_adapter() -> None:
    entries = (Entry("split"), Entry("segment_experiment"), custom())
    found = oracle(
        asked("1", "(none)", "u"),
        track("Experiment Viewed", "2", "u",
              properties={"experiment_name": "(all)", "variation_name": "b"}),
        seen("3", e="(other)"),
        seen("4", e="(other)", v=None),
        seen("5", e="( all)"),
        exposures=entries,
    )  # fmt: skip
    assert reasons(found) == ["reserved_name"] * 3 + ["missing_variant"]
    assert arms(found) == [("( all)", "b", "personalized")]


def test_numbers_and_booleans_are_names() -> None:
    found = oracle(
        view("1", "a", experience=True, segment=7.0),
        asked("2", False, "u"),
        exposures=(Entry(), Entry("split")),
    )
    [mutiny, split] = found.fct_exposures
    assert (mutiny["experience"], mutiny["audience_segment"]) == ("true", "7")
    assert split["variant"] == "false"


def test_of_several_entries_the_first_that_matches_counts() -> None:
    entries = (
        custom(sources=("web",), experience=("=first",), control_variants=("b",)),
        custom(experience=("=second",), control_variants=()),
        custom("other", experience=("=other",), control_variants=()),
    )
    app = RawMessage("app", "f", 1, seen("1").payload)
    found = oracle(app, seen("2"), exposures=entries)
    assert sorted(arms(found)) == [
        ("first", "b", "control"),
        ("other", "b", "personalized"),
        ("other", "b", "personalized"),
        ("second", "b", "personalized"),
    ]
    assert [one["vendor"] for one in configuration(found.settings)["exposures"]] == [
        "shop", "shop", "other",
    ]  # fmt: skip


def test_an_exposure_from_another_source_is_none() -> None:
    entries = (Entry("split", sources=("flags",)),)
    found = oracle(asked("1", "on", "u"), asked("2", None, "u"), exposures=entries)
    assert (found.fct_exposures, found.rpt_incomplete_exposures) == ([], [])


def test_of_entries_that_differ_by_unit_the_first_whose_unit_is_carried_counts() -> None:
    entries = (Entry("split", unit="user_id"), Entry("split", unit="anonymous_id"))
    found = oracle(
        asked("1", "on", "u", "a"),
        asked("2", "on", None, "b"),
        asked("3", "on", "undefined", "c"),
        asked("4", "on", "u", None),
        raw("identify", "5", None, "d", traits={"mutinyVisitorId": "v"}),
        exposures=entries,
    )
    assert units(found) == {("user_id", "u"), ("anonymous_id", "b"), ("anonymous_id", "c")}


def test_an_exposure_without_any_of_the_units_is_assigned_nowhere() -> None:
    entries = (Entry("split", unit="account"), Entry("split", unit="user_id"))
    found = oracle(asked("1", "on", None, "a"), exposures=entries)
    assert [one.unit for one in found.exposures] == [None]
    assert units(found) == set()


def test_one_value_of_two_types_is_two_units() -> None:
    entries = (Entry("split", unit="user_id"), Entry("split", unit="anonymous_id"))
    found = oracle(asked("1", "on", "x"), asked("2", "off", None, "x"), exposures=entries)
    assert units(found) == {("user_id", "x"), ("anonymous_id", "x")}
    assert {row["is_crossover"] for row in found.fct_assignments} == {False}


def test_a_conversion_is_of_each_type_of_unit() -> None:
    entries = (Entry("split", unit="user_id"), Entry("split", unit="anonymous_id"))
    found = oracle(
        asked("1", "on", "u", "a"),
        asked("2", "on", None, "b"),
        asked("2 12:00", "on", None, "c"),
        track("Signed Up", "3", "u", "b"),  # of both
        track("Signed Up", "3", "u"),  # of the user; of the device that its person had first
        track("Signed Up", "3", None, "a"),  # of a device that no entry counts
        exposures=entries,
        conversions=(SIGNUP,),
    )
    done = {row["unit_id"]: row["conversions"] for row in found.unit_outcomes()}
    assert done == {"u": 3, "b": 2, "c": 0}


def test_split_not_ready_or_elsewhere_is_left_to_the_next_entry() -> None:
    entries = (Entry("split"), custom("split", trigger=Trigger(event="get_treatment")))
    properties = {"environmentName": "staging", "e": "X", "v": "b"}
    found = oracle(
        asked("1", "control", "u"),
        asked("2", "on", "u", properties=properties),
        sources={"web": Source(environment="prod")},
        exposures=entries,
    )
    assert arms(found) == [("X", "b", "personalized")]
    assert reasons(found) == ["missing_experience"]


@pytest.mark.parametrize("is_reversed", [False, True])
def test_a_variant_is_control_if_any_of_its_views_says_so(is_reversed: bool) -> None:
    said = [
        seen("1", v="Original"),
        seen("2", v="Original", device="b", id="control"),
        seen("3", v="Blue", device="c"),
        seen("4", e="Y", v="Original", device="d"),
    ]
    found = oracle(*(reversed(said) if is_reversed else said), exposures=(custom(),))
    assert arms(found) == [
        ("X", "Original", "control"),
        ("X", "Original", "control"),
        ("X", "Blue", "personalized"),
        ("Y", "Original", "personalized"),
    ]
    assert {row["arm"] for row in found.fct_assignments if row["variant"] == "Original"} == {
        "control", "personalized",
    }  # fmt: skip


def test_an_arm_is_the_variants_on_every_day_in_every_segment_and_period() -> None:
    entries = (custom(audience_segment=("properties.s",)),)
    found = oracle(
        seen("1", v="Original", s="A"),
        seen("2", v="Blue", device="b", s="A"),
        seen("5", v="control", device="c", s="B"),
        seen("5", v="Original", device="d", s="B", id="control"),
        exposures=entries,
        conversions=(SIGNUP,),
    )
    first = [row for row in found.fct_experience_lift_daily if row["as_of_date"] == at("2").date()]
    assert {(row["audience_segment"], row["variant"]) for row in first} == {
        ("(all)", "Blue"), ("A", "Blue"),
    }  # fmt: skip
    assert {row["control_visitors"] for row in first} == {1}


def test_an_incomplete_view_or_one_of_nobody_says_nothing_of_an_arm() -> None:
    found = oracle(
        seen("1", v="Original"),
        seen("2", v="Original", id="control", e="(all)"),
        seen("3", v="Original", id="control", device="undefined"),
        exposures=(custom(),),
    )
    assert arms(found) == [("X", "Original", "personalized")]
