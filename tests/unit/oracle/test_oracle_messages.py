"""Hand-computed examples of acceptance and deduplication."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.unit.oracle.build import oracle, raw, track
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.settings import Source
from tests.warehouse.oracle.values import canonical_digest, plain_decimal, value_units


def reasons(*messages: RawMessage) -> list[str]:
    return [row["reason"] for row in oracle(*messages).rejects]


@pytest.mark.parametrize("kind", ["Track", "event", "", None, 7, ["track"]])
def test_type_outside_the_spec_is_rejected(kind: Any) -> None:
    assert reasons(raw(kind, user="u")) == ["unknown_type"]


def test_delete_is_one_of_the_seven_types() -> None:
    assert reasons(raw("delete", user="u")) == []


@pytest.mark.parametrize("value", [None, ""])
def test_message_of_nobody_is_rejected(value: Any) -> None:
    assert reasons(raw("track", user=value, device=value)) == ["no_identifier"]


def test_alias_and_group_may_name_by_their_own_field() -> None:
    assert reasons(raw("alias", previousId="p"), raw("group", groupId="g")) == []
    assert reasons(raw("track", previousId="p"), raw("page", groupId="g")) == ["no_identifier"] * 2


def test_whatever_else_stands_as_identifier_is_staged() -> None:
    assert reasons(raw("track", user=" "), raw("track", user=0), raw("track", user=False)) == []


def test_message_without_time_is_rejected() -> None:
    assert reasons(raw("track", user="u", timestamp="", receivedAt=None)) == ["no_time"]


def test_reject_carries_file_and_row() -> None:
    rejects = oracle(raw("nope", user="u", source="web", file="a", row=7)).rejects
    assert rejects == [{"source": "web", "file": "a", "row_number": 7, "reason": "unknown_type"}]


def test_earliest_received_copy_wins_over_sources() -> None:
    late = track("Late", "2", "u", id="x", source="a", row=1)
    early = track("Early", "1", "u", id="x", source="b", row=2)
    found = oracle(late, early)
    assert [row["event_name"] for row in found.messages] == ["Early"]
    assert found.duplicates == [{"source": "a", "file": "f", "row_number": 1, "message_id": "x"}]


def test_source_id_decides_between_copies_received_together() -> None:
    one = track("One", "1", "u", id="x", source="a")
    two = track("Two", "1", "u", id="x", source="b")
    assert oracle(one, two).messages[0]["event_name"] == "One"
    by_id = oracle(one, two, sources={"a": Source(id="z"), "b": Source(id="y")})
    assert by_id.messages[0]["event_name"] == "Two"


def test_digest_decides_last() -> None:
    copies = [track(name, "1", "u", id="x") for name in ("One", "Two", "Three")]
    smallest = min(copies, key=lambda copy: canonical_digest(copy.payload))
    assert oracle(*copies).messages[0]["event_name"] == smallest.payload["event"]


def test_missing_receipt_competes_with_the_time_it_takes() -> None:
    without = track("Without", "3", "u", id="x", receivedAt=None)
    with_receipt = track("With", "2", "u", id="x")
    assert oracle(without, with_receipt).messages[0]["event_name"] == "With"


def test_row_is_judged_before_it_is_deduplicated() -> None:
    bad = track("Bad", "1", id="x")
    good = track("Good", "2", "u", id="x")
    found = oracle(bad, good)
    assert [row["event_name"] for row in found.messages] == ["Good"]
    assert (len(found.rejects), len(found.duplicates)) == (1, 0)


def test_canonical_payload_is_compact_sorted_and_without_nulls() -> None:
    payload = {"b": {"z": 1, "a": [None, "é"]}, "a": None, "c": ""}
    text = '{"b":{"a":[null,"é"],"z":1},"c":""}'
    assert canonical_digest(payload) == hashlib.md5(text.encode()).hexdigest()


def test_equal_rows_without_id_stay_two_in_a_file_and_add_none_in_another() -> None:
    rows = [
        raw("page", user="u", id="", file=file, row=row)
        for file, row in [("a", 1), ("a", 2), ("b", 1), ("b", 2)]
    ]
    found = oracle(*rows)
    digest = canonical_digest(rows[0].payload)
    assert [row["message_id"] for row in found.messages] == [f"{digest}-1", f"{digest}-2"]
    assert [(row["file"], row["row_number"]) for row in found.duplicates] == [("b", 1), ("b", 2)]


def test_files_add_up() -> None:
    found = oracle(
        raw("page", user="u", id="x", file="a", row=1),
        raw("page", user="u", id="x", file="b", row=1),
        raw("nope", user="u", file="b", row=2),
    )
    counts = {row["file"]: row for row in found.reconciliation}
    assert counts["b"] == {
        "source": "web",
        "file": "b",
        "landed": 2,
        "rejected": 1,
        "duplicates": 1,
        "staged": 0,
    }


def test_event_name_is_folded_or_the_name_of_a_page() -> None:
    found = oracle(
        track("SignedUp", "1", "u"),
        raw("page", "2", "u", name="SignedUp"),
        raw("screen", "3", "u", name="Home"),
        raw("group", "4", "u", groupId="g", name="Home"),
        aliases={"SignedUp": "Signed Up"},
    )
    names = [row["event_name"] for row in found.messages]
    assert names == ["Signed Up", "SignedUp", "Home", None]


def test_what_is_no_object_reads_as_empty() -> None:
    message = track("X", "1", "u", properties="oops", traits=[1], context=3, integrations="All")
    winner = oracle(message).winners[0]
    assert (winner.properties, winner.traits) == ({}, {})
    assert (winner.context, winner.integrations) == ({}, {})


def test_bot_is_excluded_case_sensitively() -> None:
    found = oracle(
        raw("page", "1", "u", context={"userAgent": "some bot/1"}),
        raw("page", "2", "u", context={"userAgent": "Bot/1"}),
        raw("page", "3", "u", context={"userAgent": 7}),
    )
    assert [row["is_excluded"] for row in found.messages] == [True, False, False]


def test_messages_stand_in_their_order() -> None:
    found = oracle(
        raw("page", "2", "u", id="b"),
        raw("page", "2", "u", id="a"),
        raw("page", "2", "u", id="z", receivedAt="2026-05-01T00:00:00Z", timestamp=None),
        raw("page", "2", "u", id="y", receivedAt="2026-05-03T00:00:00Z"),
    )
    assert [row["message_id"] for row in found.messages] == ["z", "a", "b", "y"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (40, "40"),
        (40.0, "40"),
        (1e3, "1000"),
        (2.50, "2.5"),
        (1e-7, "0.0000001"),
        (-0.0, "0"),
        (2**70, "1180591620717411303424"),
    ],
)
def test_numbers_become_plain_decimal_text(number: float, text: str) -> None:
    assert plain_decimal(number) == text


@pytest.mark.parametrize(
    ("value", "units"),
    [
        (10, 100_000),
        (0.00005, 1),
        (-0.00005, -1),
        (0.00004, 0),
        (12.34565, 123_457),
        (1_000_000_000, 10**13),
        (1_000_000_000.5, None),
        (-2e9, None),
        ("10", None),
        (True, None),
        (None, None),
    ],
)
def test_values_are_rounded_half_away_from_zero(value: Any, units: int | None) -> None:
    assert value_units(value) == units
