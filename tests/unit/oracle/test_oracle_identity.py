"""Hand-computed examples of identifiers, links, hubs and aliases."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.oracle.build import at, oracle, raw
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.oracle import Oracle

BOT = {"userAgent": "bot"}
ENGAGE = {"personas": {"computation_class": "audience"}}


def identify(when: str, user: Any = None, device: Any = None, **traits: Any) -> RawMessage:
    return raw("identify", when, user, device, traits=traits)


def pairs(found: Oracle) -> list[tuple[str, str]]:
    return [
        (f"{row['id_type_a']}:{row['id_value_a']}", f"{row['id_type_b']}:{row['id_value_b']}")
        for row in found.fct_identity_links
    ]


def known(found: Oracle) -> set[str]:
    return {f"{row['id_type']}:{row['id_value']}" for row in found.dim_identifiers}


@pytest.mark.parametrize(
    ("value", "text"),
    [("1234", "1234"), (1234, "1234"), (1234.0, "1234"), ("v 1", "v 1")],
)
def test_visitor_id_is_text_of_whatever_type_it_had(value: Any, text: str) -> None:
    found = oracle(identify("1", device="a", mutinyVisitorId=value))
    assert pairs(found) == [("anonymous_id:a", f"mutiny_visitor_id:{text}")]


@pytest.mark.parametrize("value", [True, {"id": 1}, [1], None, "", "undefined", " NULL "])
def test_visitor_id_that_is_no_identifier(value: Any) -> None:
    assert known(oracle(identify("1", device="a", mutinyVisitorId=value))) == {"anonymous_id:a"}


def test_traits_identify_on_identify_calls_only() -> None:
    found = oracle(raw("group", device="a", groupId="g", traits={"mutinyVisitorId": "v"}))
    assert known(found) == {"anonymous_id:a"}


@pytest.mark.parametrize("value", ["undefined", " ANONYMOUS ", "000-000", "-1", "---", " "])
def test_blocked_value_is_no_identifier(value: str) -> None:
    found = oracle(raw("page", user=value, device="a", id="both"), raw("page", user=value, id="x"))
    assert known(found) == {"anonymous_id:a"}
    persons = {row["message_id"]: row["person_id"] for row in found.messages}
    assert persons == {"both": "anonymous_id:a", "x": None}


def test_blocked_expression_matches_the_whole_value() -> None:
    assert known(oracle(raw("page", user="anonymous-7"))) == {"user_id:anonymous-7"}


def test_numeric_user_id_is_its_text() -> None:
    found = oracle(raw("page", "1", 42), raw("page", "2", "42"))
    assert [row["person_id"] for row in found.messages] == ["user_id:42", "user_id:42"]


def test_links_are_every_pair_on_a_message() -> None:
    found = oracle(
        identify("3", "u", "a", mutinyVisitorId="v"),
        raw("page", "2", "u", "a", id="first"),
        raw("page", "9", "u", "a"),
        raw("page", "1", "u"),
    )
    assert pairs(found) == [
        ("anonymous_id:a", "mutiny_visitor_id:v"),
        ("anonymous_id:a", "user_id:u"),
        ("mutiny_visitor_id:v", "user_id:u"),
    ]
    link = found.fct_identity_links[1]
    assert (link["first_seen_at"], link["last_seen_at"]) == (at("2"), at("9"))
    assert (link["observations"], link["first_message_id"]) == (3, "first")


@pytest.mark.parametrize(
    "fields",
    [
        {"context": BOT},
        {"context": ENGAGE},
        {"kind": "delete"},
        {"kind": "track", "event": "Violation Generated"},
        {"kind": "track", "event": "Segment Consent Preference Updated"},
    ],
)
def test_what_is_no_behaviour_makes_no_link(fields: dict[str, Any]) -> None:
    assert pairs(oracle(raw(fields.pop("kind", "page"), "1", "u", "a", **fields))) == []


@pytest.mark.parametrize(
    ("merge", "expected"),
    [
        (False, set()),
        (True, {"email:ann@x.io"}),
    ],
)
def test_email_identifies_only_when_merging_on_it(merge: bool, expected: set[str]) -> None:
    found = oracle(
        identify("1", device="a", email=" Ann@X.io ", Email="bob@x.io"), merge_on_email=merge
    )
    assert known(found) == {"anonymous_id:a"} | expected


def test_users_on_one_email_merge_only_when_configured() -> None:
    messages = [identify("1", "u1", email="e@x"), identify("2", "u2", email="E@x")]
    assert {row["person_id"] for row in oracle(*messages).messages} == {"user_id:u1", "user_id:u2"}
    merged = oracle(*messages, merge_on_email=True)
    assert {row["person_id"] for row in merged.messages} == {"user_id:u1"}


# ---- hubs ---------------------------------------------------------------------------------------


def test_weak_identifier_with_too_many_users_is_a_hub() -> None:
    logins = [raw("page", f"{day}", f"u{day}", "kiosk") for day in (1, 2, 3)]
    alone = raw("page", "9", device="kiosk", id="alone")
    at_limit = oracle(*logins, alone, max_links=3)
    assert not any(row["is_blocked"] for row in at_limit.dim_identifiers)
    over = oracle(*logins, alone, max_links=2)
    hub = [row for row in over.dim_identifiers if row["is_blocked"]]
    assert hub == [
        {
            "id_type": "anonymous_id",
            "id_value": "kiosk",
            "person_id": None,
            "owned_from": None,
            "owned_to": None,
            "link_count": 3,
            "is_blocked": True,
        }
    ]
    persons = {row["message_id"]: row["person_id"] for row in over.messages}
    assert persons["alone"] is None
    assert len(over.fct_identity_links) == 3  # its links stay listed


def test_hub_degrees_are_per_type_of_neighbour() -> None:
    messages = [
        raw("page", "1", "u1", "a"),
        raw("page", "2", "u2", "a"),
        identify("3", device="a", mutinyVisitorId="v1"),
        identify("4", device="a", mutinyVisitorId="v2"),
    ]
    assert oracle(*messages, max_links=2).identity.hubs == set()


def test_hub_degrees_are_counted_once() -> None:
    # Without b, which is a hub, v has no neighbour too many; it is counted on all links.
    messages = [
        identify("1", device="b", mutinyVisitorId="v"),
        identify("2", device="a1", mutinyVisitorId="v"),
        identify("3", device="b", mutinyVisitorId="v2"),
    ]
    hubs = oracle(*messages, max_links=1).identity.hubs
    assert {hub.id_value for hub in hubs} == {"b", "v"}


def test_hub_does_not_join_devices_or_log_in() -> None:
    messages = [
        identify("1", device="a1", mutinyVisitorId="hub"),
        identify("2", device="a2", mutinyVisitorId="hub"),
        raw("page", "3", "u", "a1"),
        raw("page", "4", device="a2", id="other"),
    ]
    joined = oracle(*messages, max_links=2)
    assert {row["message_id"]: row["person_id"] for row in joined.messages}["other"] == "user_id:u"
    split = oracle(*messages, max_links=1)
    persons = {row["message_id"]: row["person_id"] for row in split.messages}
    assert persons["other"] == "anonymous_id:a2"


def test_user_is_never_a_hub() -> None:
    messages = [raw("page", f"{day}", "u", f"a{day}") for day in range(1, 6)]
    found = oracle(*messages, max_links=1)
    assert found.identity.hubs == set()
    assert {row["person_id"] for row in found.messages} == {"user_id:u"}


def test_email_with_too_many_users_is_a_hub() -> None:
    messages = [identify(f"{day}", f"u{day}", email="shared@x") for day in (1, 2, 3)]
    found = oracle(*messages, merge_on_email=True, max_links=2)
    assert {row["person_id"] for row in found.messages} == {
        "user_id:u1",
        "user_id:u2",
        "user_id:u3",
    }


# ---- alias --------------------------------------------------------------------------------------


def persons_by_id(found: Oracle) -> dict[str, str | None]:
    return {row["message_id"]: row["person_id"] for row in found.messages}


def test_alias_of_an_anonymous_id_is_a_login() -> None:
    found = oracle(
        raw("page", "1", device="a", id="before"),
        raw("alias", "2", "u", previousId="a"),
    )
    assert persons_by_id(found)["before"] == "user_id:u"
    assert pairs(found) == [("anonymous_id:a", "user_id:u")]


def test_alias_of_a_value_that_is_also_a_user_merges_users() -> None:
    found = oracle(
        raw("page", "1", device="x", id="device"),
        raw("page", "2", "x", id="user"),
        raw("alias", "3", "u", previousId="x"),
    )
    assert persons_by_id(found)["user"] == "user_id:x"
    assert persons_by_id(found)["device"] == "anonymous_id:x"  # another type, another identifier
    assert {row["person_id"] for row in found.messages} == {"user_id:x", "anonymous_id:x"}


def test_alias_of_an_unseen_value_is_of_a_user() -> None:
    found = oracle(raw("alias", "1", "u", previousId="p"))
    assert known(found) == {"user_id:u", "user_id:p"}
    assert persons_by_id(found) == {found.messages[0]["message_id"]: "user_id:p"}  # tie by value


def test_alias_chain_and_loop_are_one_person() -> None:
    found = oracle(
        raw("page", "1", "u1"),
        raw("alias", "2", "u2", previousId="u1"),
        raw("alias", "3", "u3", previousId="u2"),
        raw("alias", "4", "u1", previousId="u3"),
        raw("alias", "5", "u1", previousId="u1"),
    )
    assert {row["person_id"] for row in found.dim_identifiers} == {"user_id:u1"}
    assert found.dim_persons[0]["user_id_count"] == 3


@pytest.mark.parametrize("user", [None, "", "undefined"])
def test_alias_without_user_is_no_alias(user: Any) -> None:
    found = oracle(
        raw("page", "1", device="a"), raw("alias", "2", user, "b", previousId="a", id="alias")
    )
    assert pairs(found) == []
    assert persons_by_id(found)["alias"] == "anonymous_id:b"


def test_alias_says_nothing_when_not_merging_on_it() -> None:
    found = oracle(
        raw("page", "1", "u1"),
        raw("alias", "2", "u2", "a", previousId="u1"),
        merge_on_alias=False,
    )
    assert pairs(found) == [("anonymous_id:a", "user_id:u2")]
    assert {row["person_id"] for row in found.messages} == {"user_id:u1", "user_id:u2"}


def test_only_behaviour_says_what_a_previous_id_is() -> None:
    found = oracle(
        raw("page", "1", device="a", context=BOT),
        raw("page", "1", device="a", context=ENGAGE),
        raw("alias", "2", "u", previousId="a"),
    )
    assert "user_id:a" in known(found)
