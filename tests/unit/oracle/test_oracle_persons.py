"""Hand-computed examples of ownership and of the names of persons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.unit.oracle.build import at, oracle, raw
from tests.warehouse.oracle.oracle import Oracle

BOT = {"userAgent": "bot"}
ENGAGE = {"personas": {"computation_class": "audience"}}


def owners(found: Oracle, value: str) -> list[tuple[str | None, datetime | None, datetime | None]]:
    return [
        (row["person_id"], row["owned_from"], row["owned_to"])
        for row in found.dim_identifiers
        if row["id_value"] == value
    ]


def persons(found: Oracle) -> dict[str, str | None]:
    return {row["message_id"]: row["person_id"] for row in found.messages}


def person(found: Oracle, person_id: str) -> dict[str, Any]:
    [row] = [row for row in found.dim_persons if row["person_id"] == person_id]
    return row


def test_browsing_belongs_to_the_next_login_else_to_the_last() -> None:
    found = oracle(
        raw("page", "1", device="a", id="before"),
        raw("page", "2", "u", "a"),
        raw("page", "3", device="a", id="after"),
    )
    assert persons(found)["before"] == persons(found)["after"] == "user_id:u"
    assert owners(found, "a") == [("user_id:u", None, None)]


def test_shared_device_is_handed_over_one_microsecond_after_the_last_login_of_a_run() -> None:
    found = oracle(
        raw("page", "1", "u1", "a"),
        raw("page", "3", "u1", "a"),
        raw("page", "5", "u2", "a"),
        raw("page", "7", "u1", "a"),
        raw("page", "3", device="a", id="at"),
        raw("page", "3 00:00:00.000001", device="a", id="next"),
        raw("page", "6", device="a", id="again"),
        raw("page", "9", device="a", id="late"),
    )
    assert owners(found, "a") == [
        ("user_id:u1", None, at("3 00:00:00.000001")),
        ("user_id:u2", at("3 00:00:00.000001"), at("5 00:00:00.000001")),
        ("user_id:u1", at("5 00:00:00.000001"), None),
    ]
    found_persons = persons(found)
    assert found_persons["at"] == "user_id:u1"
    assert found_persons["next"] == "user_id:u2"
    assert found_persons["again"] == found_persons["late"] == "user_id:u1"


def test_own_user_id_wins_over_the_devices_owner() -> None:
    found = oracle(
        raw("page", "1", "u1", "a"),
        raw("page", "5", "u2", "a", id="mine"),
        raw("page", "7", "u1", "a"),
    )
    assert persons(found)["mine"] == "user_id:u2"


def test_simultaneous_logins_follow_the_order_of_messages() -> None:
    found = oracle(
        raw("page", "5", "u2", "a", id="m2"),
        raw("page", "5", "u1", "a", id="m1"),
        raw("page", "5", device="a", id="m0"),
        raw("page", "6", device="a", id="m9"),
    )
    assert owners(found, "a") == [
        ("user_id:u1", None, at("5 00:00:00.000001")),
        ("user_id:u2", at("5 00:00:00.000001"), None),
    ]
    assert persons(found)["m0"] == "user_id:u1"
    assert persons(found)["m9"] == "user_id:u2"


def test_run_that_begins_and_ends_at_one_instant_leaves_nothing() -> None:
    found = oracle(
        raw("page", "5", "u1", "a", id="m1"),
        raw("page", "5", "u2", "a", id="m2"),
        raw("page", "6", "u3", "a", id="m3"),
    )
    assert [owner for owner, _, _ in owners(found, "a")] == ["user_id:u1", "user_id:u3"]


def test_adjacent_intervals_of_one_person_are_one() -> None:
    found = oracle(
        raw("page", "5", "u1", "a", id="m1"),
        raw("page", "5", "u2", "a", id="m2"),
        raw("page", "6", "u1", "a", id="m3"),
    )
    assert owners(found, "a") == [("user_id:u1", None, None)]


def test_logins_of_merged_users_are_of_one_person() -> None:
    found = oracle(
        raw("page", "1", "u1", "a"),
        raw("page", "2", "u2", "a"),
        raw("alias", "9", "u2", previousId="u1"),
    )
    assert owners(found, "a") == [("user_id:u1", None, None)]


def test_two_users_never_merge_through_a_device() -> None:
    found = oracle(raw("page", "1", "u1", "a"), raw("page", "2", "u2", "a"))
    assert {row["person_id"] for row in found.dim_persons} == {"user_id:u1", "user_id:u2"}


def test_device_is_transitive_and_its_identifiers_carry_the_same_rows() -> None:
    found = oracle(
        raw("identify", "1", device="a1", traits={"mutinyVisitorId": 7}),
        raw("identify", "2", device="a2", traits={"mutinyVisitorId": "7"}),
        raw("page", "3", "u1", "a2"),
        raw("page", "4", "u2", "a1"),
    )
    assert owners(found, "a1") == owners(found, "a2") == owners(found, "7")
    assert owners(found, "a1") == [
        ("user_id:u1", None, at("3 00:00:00.000001")),
        ("user_id:u2", at("3 00:00:00.000001"), None),
    ]


def test_strong_identifier_has_one_open_interval() -> None:
    assert owners(oracle(raw("page", "1", "u", "a")), "u") == [("user_id:u", None, None)]


def test_device_without_login_is_a_person_named_by_its_earliest_identifier() -> None:
    found = oracle(
        raw("identify", "2", device="a1", traits={"mutinyVisitorId": "v"}),
        raw("page", "1", device="a2"),
        raw("identify", "3", device="a2", traits={"mutinyVisitorId": "v"}),
    )
    assert set(persons(found).values()) == {"anonymous_id:a2"}
    row = person(found, "anonymous_id:a2")
    assert (row["is_identified"], row["user_id_count"], row["anonymous_id_count"]) == (False, 0, 2)
    assert (row["first_seen_at"], row["last_seen_at"]) == (at("1"), at("3"))


def test_name_ties_go_by_type_then_value() -> None:
    found = oracle(raw("identify", "1", device="z", traits={"mutinyVisitorId": "a"}))
    assert set(persons(found).values()) == {"anonymous_id:z"}


def test_person_is_named_after_its_earliest_user_even_if_the_email_was_earlier() -> None:
    found = oracle(
        raw("identify", "1", device="a", traits={"email": "e@x"}),
        raw("identify", "2", "u2", traits={"email": "e@x"}),
        raw("identify", "3", "u1", traits={"email": "e@x"}),
        merge_on_email=True,
    )
    assert set(persons(found).values()) == {"user_id:u2"}


def test_email_alone_names_a_person_and_is_a_login() -> None:
    found = oracle(
        raw("identify", "2", device="a", traits={"email": "e@x"}),
        raw("page", "1", device="a"),
        merge_on_email=True,
    )
    assert set(persons(found).values()) == {"email:e@x"}
    assert person(found, "email:e@x")["is_identified"]


def test_earlier_evidence_renames_a_person() -> None:
    messages = [raw("page", "2", "u2"), raw("alias", "9", "u2", previousId="u1")]
    assert set(persons(oracle(*messages)).values()) == {"user_id:u2"}
    assert set(persons(oracle(*messages, raw("page", "1", "u1"))).values()) == {"user_id:u1"}


def test_anonymous_ids_of_a_person_are_those_owned_at_some_time() -> None:
    found = oracle(
        raw("page", "1", "u1", "a1"), raw("page", "2", "u1", "a2"), raw("page", "3", "u2", "a2")
    )
    assert person(found, "user_id:u1")["anonymous_id_count"] == 2
    assert person(found, "user_id:u2")["anonymous_id_count"] == 1


def test_email_of_a_person_is_the_latest_exact_trait_and_a_removal_removes_it() -> None:
    messages = [
        raw("identify", "1", "u", traits={"email": "first@x"}),
        raw("identify", "3", "u", traits={"email": " Last@X "}),
        raw("identify", "2", "u", traits={"email": "late@x"}),
        raw("identify", "4", "u", traits={"Email": "other@x"}),
        raw("identify", "5", "u", traits={"email": "bot@x"}, context=BOT),
    ]
    assert person(oracle(*messages), "user_id:u")["email"] == " Last@X "
    removed = raw("identify", "6", "u", traits={"email": None})
    assert person(oracle(*messages, removed), "user_id:u")["email"] is None


def test_person_known_only_to_engage_has_no_first_and_last_seen() -> None:
    found = oracle(raw("identify", "1", "u", "a", context=ENGAGE))
    assert found.dim_persons == [
        {
            "person_id": "user_id:u",
            "is_identified": True,
            "first_seen_at": None,
            "last_seen_at": None,
            "user_id_count": 1,
            "anonymous_id_count": 0,
            "email": None,
        }
    ]
    assert owners(found, "a") == []  # it names the user


def test_engage_message_with_a_hub_names_its_next_identifier() -> None:
    logins = [raw("page", f"{day}", f"u{day}", "kiosk") for day in (1, 2)]
    engage = raw("identify", "3", None, "kiosk", traits={"mutinyVisitorId": "v"}, context=ENGAGE)
    found = oracle(*logins, engage, max_links=1)
    assert owners(found, "kiosk") == [(None, None, None)]
    assert owners(found, "v") == [("mutiny_visitor_id:v", None, None)]


def test_engage_message_belongs_to_the_person_it_names_and_is_not_seen() -> None:
    found = oracle(
        raw("page", "2", "u", "a"),
        raw("identify", "1", device="a", context=ENGAGE, id="engage"),
        raw("identify", "9", "u", context=ENGAGE),
    )
    assert persons(found)["engage"] == "user_id:u"
    row = person(found, "user_id:u")
    assert (row["first_seen_at"], row["last_seen_at"]) == (at("2"), at("2"))


def test_personas_that_is_no_object_is_not_engage() -> None:
    found = oracle(raw("page", "1", "u", context={"personas": "none"}))
    assert person(found, "user_id:u")["first_seen_at"] == at("1")


def test_excluded_and_system_messages_make_no_person_but_have_one() -> None:
    found = oracle(
        raw("page", "5", "u", "a"),
        raw("page", "1", device="a", context=BOT, id="bot"),
        raw("page", "1", "nobody", context=BOT, id="stranger"),
        raw("delete", "9", "u", id="delete"),
        raw("track", "9", "other", event="Violation Generated", id="violation"),
    )
    found_persons = persons(found)
    assert found_persons["bot"] == found_persons["delete"] == "user_id:u"
    assert found_persons["stranger"] is None
    assert found_persons["violation"] is None
    assert [row["person_id"] for row in found.dim_persons] == ["user_id:u"]
    row = person(found, "user_id:u")
    assert (row["first_seen_at"], row["last_seen_at"]) == (at("5"), at("5"))


def test_excluded_login_hands_nothing_over() -> None:
    found = oracle(
        raw("page", "1", "u1", "a"),
        raw("page", "2", "u2", "a", context=BOT),
        raw("page", "2", "u2"),
    )
    assert owners(found, "a") == [("user_id:u1", None, None)]
