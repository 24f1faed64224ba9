"""Hand-computed examples of conversions, delivery, windows and attribution."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.oracle.build import ORDER, SIGNUP, oracle, order, raw, signup, track, view
from tests.warehouse.oracle.delivery import drop_reason
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.oracle.settings import Destination, Source


def found_ids(found: Oracle) -> list[str]:
    return [row["message_id"] for row in found.fct_conversions]


def done(found: Oracle, conversion: str = "order", unit: str = "a") -> tuple[int, int, int]:
    [row] = [
        row
        for row in found.unit_outcomes()
        if row["audience_segment"] == "(all)"
        and row["conversion"] == conversion
        and row["unit_id"] == f"anonymous_id:{unit}"
    ]
    return row["conversions"], row["valued_conversions"], row["value"]


def test_conversion_matches_after_aliases() -> None:
    found = oracle(
        signup("1", "a", id="new"),
        track("SignedUp", "2", device="a", id="old"),
        raw("page", "3", device="a", name="Signed Up"),
        aliases={"SignedUp": "Signed Up"},
        conversions=(SIGNUP,),
    )
    assert found_ids(found) == ["new", "old"]


@pytest.mark.parametrize(
    "context", [{"userAgent": "bot"}, {"personas": {"computation_class": "audience"}}]
)
def test_excluded_and_engage_messages_are_no_conversion(context: dict[str, Any]) -> None:
    assert found_ids(oracle(signup("1", "a", context=context), conversions=(SIGNUP,))) == []


def test_conversion_of_nobody_is_outside() -> None:
    assert found_ids(oracle(signup("1", "null"), conversions=(SIGNUP,))) == []


def test_conversion_may_be_limited_to_sources() -> None:
    found = oracle(
        signup("1", "a", id="web", source="web"),
        signup("1", "a", id="staging", source="staging"),
        conversions=(replace(SIGNUP, sources=("web",)),),
    )
    assert found_ids(found) == ["web"]


def test_distinct_by_keeps_the_first_message_of_a_value_over_all_persons() -> None:
    found = oracle(
        order("3", "a", properties={"order_id": "7"}, id="third"),
        order("1", "b", properties={"order_id": 7}, id="first"),
        order("2", "a", properties={"order_id": 7.0}, id="second"),
        order("2", "a", properties={"order_id": ""}, id="empty"),
        order("2", "a", properties={"order_id": None}, id="null"),
        order("3", "a", properties={"order_id": ""}, id="empty again"),
        conversions=(ORDER,),
    )
    assert sorted(found_ids(found)) == ["empty", "empty again", "first", "null"]


def test_distinct_by_compares_numbers_with_all_their_digits_and_booleans_as_text() -> None:
    def sent(when: str, value: Any, name: str) -> RawMessage:
        return order(when, "a", properties={"order_id": value}, id=name)

    found = oracle(
        sent("1", 0.12345678901, "number"),
        sent("2", 0.12345678902, "another"),
        sent("3", "0.12345678901", "as text"),
        sent("4", 1, "one"),
        sent("5", 1.0, "one again"),
        sent("6", True, "boolean"),
        sent("7", "true", "boolean as text"),
        conversions=(ORDER,),
    )
    assert sorted(found_ids(found)) == ["another", "boolean", "number", "one"]


@pytest.mark.parametrize(
    ("currency", "code"),
    [
        ("USD", "USD"),
        ("usd", "USD"),
        (" Usd\n", "USD"),
        ("", None),
        (" ", None),
        (None, None),
        (840, "840"),
        (True, None),
    ],
)
def test_currency_is_trimmed_and_upper_cased(currency: Any, code: str | None) -> None:
    found = oracle(order("1", "a", properties={"currency": currency}), conversions=(ORDER,))
    assert [one.currency for one in found.happened["order"]] == [code]


def test_value_is_a_number_else_null_and_the_conversion_counts() -> None:
    found = oracle(order("1", "a", 10.5), order("2", "a", "10"), conversions=(ORDER,))
    assert [row["value"] for row in found.fct_conversions] == [105_000, None]


@pytest.mark.parametrize(
    ("when", "conversions"),
    [
        ("1 09:59:59.999999", 0),
        ("1 10:00", 1),
        ("8 09:59:59.999999", 1),
        ("8 10:00", 0),
    ],
)
def test_window_is_half_open(when: str, conversions: int) -> None:
    found = oracle(view("1 10:00", "a"), signup(when, "a"), conversions=(SIGNUP,))
    assert done(found, "signup")[0] == conversions


def test_window_starts_at_the_first_personalized_view_when_ever_treated() -> None:
    found = oracle(
        view("1", "a", False),
        signup("2", "a"),
        view("3", "a", True),
        signup("4", "a"),
        conversions=(SIGNUP,),
    )
    assert done(found, "signup")[0] == 2
    assert done(found.under("ever_treated"), "signup")[0] == 1


def test_refund_lowers_the_value_inside_the_window_and_no_count() -> None:
    found = oracle(
        view("1", "a"),
        order("2", "a", 30),
        track("Order Refunded", "3", device="a", properties={"revenue": 10}),
        track("Order Refunded", "3", device="a", properties={"revenue": -5}),
        track("Order Refunded", "20", device="a", properties={"revenue": 10}),
        conversions=(ORDER,),
    )
    assert done(found) == (1, 1, 150_000)
    assert len(found.fct_conversions) == 1


def test_refunds_of_one_order_do_not_collapse() -> None:
    def refund(when: str) -> RawMessage:
        properties = {"revenue": 4, "order_id": "x"}
        return track("Order Refunded", when, device="a", properties=properties)

    found = oracle(
        view("1", "a"),
        order("2", "a", 30, properties={"order_id": "x"}),
        refund("3"),
        refund("4"),
        conversions=(ORDER,),
    )
    assert done(found) == (1, 1, 220_000)


# ---- delivery -----------------------------------------------------------------------------------


def reason(message: RawMessage, **settings: Any) -> str | None:
    found = oracle(message, **settings)
    return drop_reason(found.winners[0], "mutiny", found.settings)


ACTIVE = {"mutiny": Destination()}
CONSENTING = {"mutiny": Destination(consent_categories=("Ads", "Core"))}


def test_unnamed_destination_receives_from_every_source() -> None:
    assert reason(signup("1", "a"), sources={"web": Source(destinations=())}) is None


def test_source_without_destinations_is_connected_to_all() -> None:
    assert reason(signup("1", "a"), destinations=ACTIVE) is None
    assert reason(signup("1", "a"), destinations=ACTIVE, sources={"web": Source()}) is None
    unconnected = {"web": Source(destinations=("mixpanel",))}
    assert (
        reason(signup("1", "a"), destinations=ACTIVE, sources=unconnected) == "source_not_connected"
    )


@pytest.mark.parametrize(
    ("consent", "expected"),
    [
        (None, None),
        ({}, None),
        ("given", None),
        ({"categoryPreferences": None}, None),
        ({"categoryPreferences": {}}, "consent"),
        ({"categoryPreferences": {"Ads": True}}, "consent"),
        ({"categoryPreferences": {"Ads": True, "Core": "true"}}, "consent"),
        ({"categoryPreferences": {"Ads": True, "Core": True, "X": False}}, None),
    ],
)
def test_consent_needs_all_categories(consent: Any, expected: str | None) -> None:
    message = signup("1", "a", context={"consent": consent})
    assert reason(message, destinations=CONSENTING) == expected
    assert reason(message, destinations=ACTIVE) is None


@pytest.mark.parametrize(
    ("integrations", "is_on"),
    [
        (None, True),
        ({}, True),
        ("All", True),
        ({"All": True}, True),
        ({"All": False}, False),
        ({"All": {}}, True),
        ({"All": False, "Mutiny": True}, True),
        ({"All": False, "Mutiny": {}}, True),
        ({"All": False, "mutiny": True}, False),
        ({"Mutiny": False}, False),
        ({"Mutiny": None}, False),
        ({"Mutiny": "true"}, False),
        ({"Mutiny": 1}, False),
    ],
)
def test_integrations_object(integrations: Any, is_on: bool) -> None:
    expected = None if is_on else "integrations_object"
    assert reason(signup("1", "a", integrations=integrations)) == expected


def test_mutiny_accepts_identify_and_track() -> None:
    types = ("identify", "track", "page", "screen", "group", "alias")
    reasons = [reason(raw(kind, user="u", groupId="g", previousId="p")) for kind in types]
    assert reasons == [None, None, *["unsupported_type"] * 4]


def test_first_delivery_reason_in_order_is_given() -> None:
    message = raw(
        "page",
        user="u",
        integrations={"All": False},
        context={"consent": {"categoryPreferences": {}}},
    )
    settings: dict[str, Any] = {
        "sources": {"web": Source(destinations=())},
        "destinations": {"mutiny": Destination("inactive", ("Ads",))},
    }
    assert reason(message, **settings) == "destination_inactive"
    settings["destinations"] = {"mutiny": Destination("active", ("Ads",))}
    assert reason(message, **settings) == "source_not_connected"
    elsewhere: dict[str, Any] = {"region": "us", "enforce_region": True}
    settings["sources"] = {"web": Source(region="eu")}
    settings["destinations"] = {"mutiny": Destination("active", ("Ads",), **elsewhere)}
    assert reason(message, **settings) == "region_mismatch"
    settings["sources"] = {}
    assert reason(message, **settings) == "consent"
    settings["destinations"] = ACTIVE
    assert reason(message, **settings) == "integrations_object"


@pytest.mark.parametrize(
    ("source", "destination", "enforced", "is_received"),
    [
        ("eu", "us", True, False),
        ("eu", "us", False, True),
        ("eu", "eu", True, True),
        (None, "us", True, True),
        ("eu", None, True, True),
    ],
)
def test_region_mismatch_keeps_messages_back_where_it_is_enforced(
    source: str | None, destination: str | None, enforced: bool, is_received: bool
) -> None:
    found = reason(
        signup("1", "a"),
        sources={"web": Source(region=source)},
        destinations={"mutiny": Destination(region=destination, enforce_region=enforced)},
    )
    assert found == (None if is_received else "region_mismatch")


@pytest.mark.parametrize(
    ("integrations", "expected"),
    [
        (None, None),
        (("segment",), None),
        (("none", "segment"), None),
        (("google_analytics",), "conversion_integration_off"),
        (("none",), "conversion_integration_off"),
        ((), "conversion_integration_off"),
    ],
)
def test_abmatic_counts_conversions_through_segment_alone(
    integrations: tuple[str, ...] | None, expected: str | None
) -> None:
    destinations = {"abmatic": Destination(conversion_integration=integrations)}
    found = oracle(signup("1", "a"), raw("screen", user="u"), destinations=destinations)
    sent, screen = found.winners
    assert drop_reason(sent, "abmatic", found.settings) == expected
    # What it does not accept is refused for that reason first.
    assert drop_reason(screen, "abmatic", found.settings) == "unsupported_type"


def test_two_names_of_one_destination() -> None:
    def dropped(integrations: Any) -> str | None:
        found = oracle(signup("1", "a", integrations=integrations))
        return drop_reason(found.winners[0], "abmatic", found.settings)

    assert dropped({"Markettailor": False, "Abmatic": True}) is None
    assert dropped({"Markettailor": False}) == "integrations_object"
    assert dropped({"Mutiny": False}) is None


def test_vendor_counts_what_it_received_unless_the_scope_is_all() -> None:
    found = oracle(
        view("1", "a"),
        signup("2", "a", integrations={"Mutiny": False}),
        signup("3", "a"),
        conversions=(SIGNUP,),
    )
    assert done(found, "signup")[0] == 1
    assert done(found.under(scope="all"), "signup")[0] == 2


def test_distinct_by_for_a_vendor_is_among_those_it_received() -> None:
    found = oracle(
        view("1", "a"),
        order("2", "a", 1, properties={"order_id": "x"}, integrations={"All": False}, id="early"),
        order("3", "a", 2, properties={"order_id": "x"}, id="late"),
        conversions=(ORDER,),
    )
    assert found_ids(found) == ["early"]
    assert done(found) == (1, 1, 20_000)
    assert done(found.under(scope="all")) == (1, 1, 10_000)
    # The vendor counts another message of the same order: `early` is not unattributed there.
    assert found.rpt_unattributed_conversions == []


def test_exposures_count_from_any_source() -> None:
    unconnected = {"web": Source(destinations=())}
    found = oracle(view("1", "a"), destinations=ACTIVE, sources=unconnected)
    assert len(found.fct_exposures) == 1


# ---- attribution --------------------------------------------------------------------------------


def left(found: Oracle) -> list[tuple[str, float | None]]:
    return [(row["reason"], row["gap_seconds"]) for row in found.rpt_unattributed_conversions]


def test_models_credit_personalized_views_in_the_window() -> None:
    found = oracle(
        view("1", "a", experience="X", id="out"),
        view("2", "a", experience="X", id="x1"),
        view("3", "a", experience="Y", id="y1"),
        view("4", "a", experience="X", id="x2"),
        view("5", "a", False, experience="Z"),
        order("8", "a", 10, id="order"),
        conversions=(ORDER,),
    )
    credits = [
        (row["model"], row["experience"], row["exposure_message_id"], row["weight"], row["value"])
        for row in found.fct_attributions
    ]
    assert credits == [
        ("first", "X", "x1", 1, 10),
        ("last", "X", "x2", 1, 10),
        ("linear", "X", "x1", 0.5, 5),
        ("linear", "Y", "y1", 0.5, 5),
        ("any", "X", "x1", 1, 10),
        ("any", "Y", "y1", 1, 10),
    ]
    assert left(found) == []


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([], ("never_exposed", None)),
        # A control view in the window, whatever else was seen earlier or later.
        ([("9", False)], ("control_only", None)),
        ([("10", False)], ("control_only", None)),
        ([("3 00:00:00.000001", False)], ("control_only", None)),
        ([("1", True), ("9", False), ("11", True)], ("control_only", None)),
        ([("3", False)], ("outside_window", 0.0)),
        ([("10 00:00:05", True)], ("before_exposure", 5.0)),
        ([("10 00:00:05", False), ("10 00:00:07", True)], ("before_exposure", 5.0)),
        ([("3", True)], ("outside_window", 0.0)),
        # After the window of one view and before the next, of whichever arm.
        ([("1", True), ("12", True)], ("outside_window", 172800.0)),
        ([("1", True), ("2", False), ("12", True)], ("outside_window", 86400.0)),
        ([("1", True), ("2", True)], ("outside_window", 86400.0)),
    ],
)
def test_unattributed_conversion_has_a_reason(
    seen: list[tuple[str, bool]], expected: tuple[str, float | None]
) -> None:
    views = [view(when, "a", personalized) for when, personalized in seen]
    assert left(oracle(*views, signup("10", "a"), conversions=(SIGNUP,))) == [expected]


def test_view_at_the_instant_of_the_conversion_is_credited() -> None:
    found = oracle(view("10", "a"), signup("10", "a"), conversions=(SIGNUP,))
    assert (left(found), len(found.fct_attributions)) == ([], 4)


def test_conversion_that_was_not_received_has_its_delivery_reason() -> None:
    found = oracle(
        view("1", "a"), signup("2", "a", integrations={"All": False}), conversions=(SIGNUP,)
    )
    assert left(found) == [("integrations_object", None)]
    assert left(found.under(scope="all")) == []


def test_conversion_windows_differ_by_conversion() -> None:
    short = replace(SIGNUP, name="short", window=timedelta(days=1))
    found = oracle(view("1", "a"), signup("2", "a"), conversions=(SIGNUP, short))
    assert (done(found, "signup")[0], done(found, "short")[0]) == (1, 0)
