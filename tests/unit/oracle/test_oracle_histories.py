"""Random histories of identities: apart from each other, and full of what may go wrong."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from tests.warehouse.landings import history_of, landings
from tests.warehouse.nights import make_histories
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.oracle import Oracle

HISTORIES = 500


@pytest.fixture(scope="module")
def nights() -> list[Oracle]:
    """What follows each night, merging on email."""
    messages, settings = make_histories(1, HISTORIES, merge_on_email=True)
    return [Oracle(landed, settings) for landed in landings(Random(1), messages, nights=5)]


def test_histories_and_landings_follow_from_their_seed() -> None:
    def landed(seed: int) -> list[list[RawMessage]]:
        return list(landings(Random(seed), make_histories(seed, 20)[0], nights=3))

    assert landed(1) == landed(1)
    assert landed(1) != landed(2)


def test_histories_do_not_touch(nights: list[Oracle]) -> None:
    for link in nights[-1].identity.links:
        assert history_of(link.a) == history_of(link.b) != ""


def test_histories_meet_the_rules(nights: list[Oracle]) -> None:
    found = nights[-1]
    assert {hub.id_type for hub in found.identity.hubs} == {
        "anonymous_id", "email", "mutiny_visitor_id"
    }  # fmt: skip
    assert max(len(intervals) for intervals in found.persons.intervals.values()) > 4
    assert any(row["first_seen_at"] is None for row in found.dim_persons)
    assert any(message.is_excluded for message in found.winners)
    assert any(message.is_engage for message in found.winners)
    assert found.losers
    times = Counter(message.occurred_at for message in found.winners)
    assert max(times.values()) > 2
    merges = {
        (row["absorbed_person_id"].partition(":")[0], row["person_id"].partition(":")[0])
        for night in nights
        for row in night.fct_identity_merges
    }
    assert merges >= {
        ("anonymous_id", "anonymous_id"), ("anonymous_id", "user_id"), ("anonymous_id", "email"),
        ("email", "user_id"), ("user_id", "user_id"),
    }  # fmt: skip


def test_histories_merged_persons_are_gone_and_those_they_are_part_of_are_there(
    nights: list[Oracle],
) -> None:
    for night in nights:
        persons = {row["person_id"] for row in night.dim_persons}
        merges = night.fct_identity_merges
        assert persons.isdisjoint(row["absorbed_person_id"] for row in merges)
        assert persons.issuperset(row["person_id"] for row in merges)
        assert len({row["absorbed_person_id"] for row in merges}) == len(merges)


def test_landings_take_back_links_hubs_merges_and_what_an_alias_meant(
    nights: list[Oracle],
) -> None:
    links = [{(link.a, link.b) for link in night.identity.links} for night in nights]
    hubs = [night.identity.hubs for night in nights]
    merged = [{row["absorbed_person_id"] for row in night.fct_identity_merges} for night in nights]
    users = [{row["person_id"] for row in night.dim_persons} for night in nights]
    changing: list[list[Any]] = [links, hubs, merged, users]
    for states in changing:
        assert any(before - after for before, after in pairwise(states))
        assert any(after - before for before, after in pairwise(states))
    meant = [_previous_types(night) for night in nights]
    assert any(
        before[message_id] != after[message_id]
        for before, after in pairwise(meant)
        for message_id in before.keys() & after.keys()
    )


def _previous_types(night: Oracle) -> dict[str, set[str]]:
    """By alias: the types under which its previousId is an identifier of the message."""
    return {
        message.message_id: {
            one.id_type
            for one in night.identity.carried(message)
            if one.id_value == message.previous_id != message.user_id
        }
        for message in night.identity.behaviour
        if message.type == "alias" and message.previous_id is not None
    }
