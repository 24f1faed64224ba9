"""Hand-computed examples of persons that became part of others."""

from __future__ import annotations

from typing import Any

from tests.unit.oracle.build import at, oracle, raw
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.oracle import Oracle


def absorbed(found: Oracle) -> dict[str, tuple[str, str]]:
    """By absorbed person: whose it is now, and the message that did it."""
    return {
        row["absorbed_person_id"]: (row["person_id"], row["message_id"])
        for row in found.fct_identity_merges
    }


def identify(
    when: str, user: Any = None, device: Any = None, *, id: str | None = None, **traits: Any
) -> RawMessage:
    return raw("identify", when, user, device, traits=traits, id=id)


def test_anonymous_person_is_absorbed_by_the_first_login_on_its_device() -> None:
    found = oracle(
        raw("page", "1", device="a"), raw("page", "2", "u", "a", id="login"), raw("page", "3", "u")
    )
    assert found.fct_identity_merges == [
        {
            "absorbed_person_id": "anonymous_id:a",
            "person_id": "user_id:u",
            "id_type_a": "anonymous_id",
            "id_value_a": "a",
            "id_type_b": "user_id",
            "id_value_b": "u",
            "message_id": "login",
            "occurred_at": at("2"),
        }
    ]


def test_alias_of_an_anonymous_id_absorbs_it() -> None:
    found = oracle(raw("page", "1", device="a"), raw("alias", "2", "u", previousId="a", id="alias"))
    assert absorbed(found) == {"anonymous_id:a": ("user_id:u", "alias")}


def test_second_login_on_a_device_absorbs_nobody() -> None:
    found = oracle(
        raw("page", "1", device="a"),
        raw("page", "2", "u1", "a", id="first"),
        raw("page", "3", device="a"),
        raw("page", "4", "u2", "a"),
    )
    assert absorbed(found) == {"anonymous_id:a": ("user_id:u1", "first")}


def test_user_never_is_absorbed_by_a_device() -> None:
    found = oracle(
        raw("page", "1", "u1"),
        raw("page", "1", "u2"),
        raw("page", "2", "u1", "a"),
        raw("page", "3", "u2", "a"),
    )
    assert absorbed(found) == {}


def test_anonymous_person_now_belongs_to_whom_owns_its_first_message() -> None:
    # They were joined when u2 had logged in last; what a1 did at first led to u1's login.
    found = oracle(
        raw("page", "1", device="a1"),
        raw("page", "2", "u2", "a2"),
        identify("3", device="a1", mutinyVisitorId="v"),
        identify("4", device="a2", mutinyVisitorId="v", id="link"),
        raw("page", "1 10:00:00.000001", "u1", "a2", id="login"),
    )
    assert absorbed(found) == {"anonymous_id:a1": ("user_id:u1", "link")}


def test_two_anonymous_devices_joined_by_a_late_message_are_the_earlier_one() -> None:
    messages = [
        raw("page", "2", device="a1"),
        raw("page", "1", device="a2"),
        identify("3", device="a1", mutinyVisitorId="v"),
    ]
    assert absorbed(oracle(*messages)) == {}
    late = identify("4", device="a2", mutinyVisitorId="v", id="late")
    found = oracle(*messages, late)
    assert absorbed(found) == {"anonymous_id:a1": ("anonymous_id:a2", "late")}
    [row] = found.fct_identity_merges
    assert (row["id_value_a"], row["id_value_b"]) == ("a2", "v")


def test_anonymous_device_joined_to_one_that_is_logged_in_is_absorbed_although_elder() -> None:
    found = oracle(
        raw("page", "1", device="a1"),
        raw("page", "2", "u", "a2"),
        identify("3", device="a2", mutinyVisitorId="v"),
        identify("4", device="a1", mutinyVisitorId="v", id="link"),
    )
    assert absorbed(found) == {"anonymous_id:a1": ("user_id:u", "link")}


def test_two_devices_that_are_logged_in_absorb_nobody() -> None:
    found = oracle(
        raw("page", "1", "u1", "a1"),
        raw("page", "2", "u2", "a2"),
        identify("3", device="a1", mutinyVisitorId="v"),
        identify("4", device="a2", mutinyVisitorId="v"),
    )
    assert absorbed(found) == {}


def test_user_is_absorbed_by_an_alias_to_an_earlier_one() -> None:
    messages = [raw("page", "1", "u1"), raw("page", "2", "u2")]
    for alias in (
        raw("alias", "3", "u2", previousId="u1", id="alias"),
        raw("alias", "3", "u1", previousId="u2", id="alias"),
    ):
        assert absorbed(oracle(*messages, alias)) == {"user_id:u2": ("user_id:u1", "alias")}


def test_alias_says_nothing_when_not_merging_on_it() -> None:
    messages = [raw("page", "1", "u1"), raw("page", "2", "u2"), raw("alias", "3", "u2")]
    again = raw("alias", "3", "u2", previousId="u1")
    assert absorbed(oracle(*messages, again, merge_on_alias=False)) == {}


def test_email_person_is_absorbed_by_a_later_user() -> None:
    messages = [
        identify("1", device="a", email="e@x"),
        raw("page", "2", "u"),
        identify("3", "u", email="E@x", id="link"),
    ]
    merged = oracle(*messages, merge_on_email=True)
    assert absorbed(merged) == {"email:e@x": ("user_id:u", "link")}
    assert absorbed(oracle(*messages)) == {}


def test_users_on_one_email_merge_by_the_second() -> None:
    found = oracle(
        identify("1", "u1", email="e@x"),
        raw("page", "2", "u2"),
        identify("3", "u2", email="e@x", id="link"),
        merge_on_email=True,
    )
    assert absorbed(found) == {"user_id:u2": ("user_id:u1", "link")}
    [row] = found.fct_identity_merges
    assert (row["id_type_a"], row["id_value_b"]) == ("email", "u2")


def test_identifiers_born_together_are_no_merge() -> None:
    found = oracle(
        identify("1", "u", "a", mutinyVisitorId="v", email="e@x"),
        identify("2", "u", "a2", mutinyVisitorId="v2", email="e2@x"),
        raw("alias", "3", "u", previousId="p"),
        merge_on_email=True,
    )
    assert absorbed(found) == {}


def test_identifier_born_on_a_message_of_an_old_one_is_no_merge_and_the_old_one_is() -> None:
    found = oracle(
        raw("page", "1", device="a"), identify("2", "u", "a", mutinyVisitorId="v", id="login")
    )
    assert absorbed(found) == {"anonymous_id:a": ("user_id:u", "login")}


def test_chain_is_absorbed_link_by_link_into_its_earliest() -> None:
    users = [raw("page", f"{day}", f"u{day}") for day in (1, 2, 3, 4)]
    aliases = [
        raw("alias", "5", "u4", previousId="u3", id="5"),
        raw("alias", "6", "u3", previousId="u2", id="6"),
        raw("alias", "7", "u2", previousId="u1", id="7"),
    ]
    assert absorbed(oracle(*users, *aliases)) == {
        "user_id:u4": ("user_id:u1", "5"),
        "user_id:u3": ("user_id:u1", "6"),
        "user_id:u2": ("user_id:u1", "7"),
    }


def test_loop_absorbs_once_a_person() -> None:
    users = [raw("page", f"{day}", user) for day, user in enumerate("abc", start=1)]
    aliases = [
        raw("alias", "4", "b", previousId="a", id="ab"),
        raw("alias", "5", "c", previousId="b", id="bc"),
        raw("alias", "6", "a", previousId="c", id="ca"),
        raw("alias", "7", "a", previousId="b", id="again"),
    ]
    assert absorbed(oracle(*users, *aliases)) == {
        "user_id:b": ("user_id:a", "ab"),
        "user_id:c": ("user_id:a", "bc"),
    }


def test_links_of_one_message_act_in_the_order_of_type_and_value() -> None:
    found = oracle(
        raw("page", "1", device="a"),
        identify("2", mutinyVisitorId="v", device="other"),
        identify("3", "u", "a", mutinyVisitorId="v", id="all"),
    )
    assert {row["absorbed_person_id"]: row["id_type_b"] for row in found.fct_identity_merges} == {
        "anonymous_id:other": "mutiny_visitor_id",
        "anonymous_id:a": "user_id",
    }


def test_hub_merges_nobody() -> None:
    messages = [
        raw("page", "1", device="kiosk"),
        raw("page", "2", "u1", "kiosk", id="login"),
        raw("page", "3", "u2", "kiosk"),
    ]
    assert absorbed(oracle(*messages, max_links=2)) == {
        "anonymous_id:kiosk": ("user_id:u1", "login")
    }
    assert absorbed(oracle(*messages, max_links=1)) == {}


def test_ties_go_by_type_then_value() -> None:
    found = oracle(
        raw("page", "1", device="b", id="b"),
        raw("page", "1", device="a", id="a"),
        identify("2", device="b", mutinyVisitorId="v"),
        identify("3", device="a", mutinyVisitorId="v", id="link"),
    )
    assert absorbed(found) == {"anonymous_id:b": ("anonymous_id:a", "link")}
