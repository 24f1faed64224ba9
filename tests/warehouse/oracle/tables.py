"""Rows of the tables about messages and persons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tests.warehouse.oracle.identity import ANONYMOUS, USER, Identifier, Identity, Link
from tests.warehouse.oracle.merges import merges as find_merges
from tests.warehouse.oracle.messages import Message, Reject
from tests.warehouse.oracle.persons import Persons

Row = dict[str, Any]
Placed = tuple[Message, str | None]


def messages(placed: Iterable[Placed]) -> list[Row]:
    """One row per message."""
    return [
        {
            "message_id": message.message_id,
            "source": message.source,
            "type": message.type,
            "event_name": message.event_name,
            "anonymous_id": message.anonymous_id,
            "user_id": message.user_id,
            "group_id": message.group_id,
            "occurred_at": message.occurred_at,
            "received_at": message.received_at,
            "timestamp_quality": message.timestamp_quality.value,
            "is_excluded": message.is_excluded,
            "person_id": person_id,
        }
        for message, person_id in placed
    ]


def duplicates(losers: Iterable[Message]) -> list[Row]:
    """One row per losing copy."""
    return [
        {
            "source": message.source,
            "file": message.file,
            "row_number": message.row_number,
            "message_id": message.message_id,
        }
        for message in losers
    ]


def reconciliation(
    rejects: Iterable[Reject], losers: Iterable[Message], winners: Iterable[Message]
) -> list[Row]:
    """One row per file: landed = rejected + duplicates + staged."""
    counts: defaultdict[tuple[str, str], Row] = defaultdict(
        lambda: {"landed": 0, "rejected": 0, "duplicates": 0, "staged": 0}
    )
    kinds: list[tuple[str, Iterable[Reject | Message]]] = [
        ("rejected", rejects),
        ("duplicates", losers),
        ("staged", winners),
    ]
    for kind, rows in kinds:
        for row in rows:
            counts[row.source, row.file][kind] += 1
            counts[row.source, row.file]["landed"] += 1
    return [
        {"source": source, "file": file, **count}
        for (source, file), count in sorted(counts.items())
    ]


def identifiers(identity: Identity, persons: Persons) -> list[Row]:
    """One row per identifier and ownership interval; a hub has one row, of nobody."""

    link_counts = Counter(end for link in identity.links for end in (link.a, link.b))

    def row(identifier: Identifier) -> Row:
        return {
            "id_type": identifier.id_type,
            "id_value": identifier.id_value,
            "person_id": None,
            "owned_from": None,
            "owned_to": None,
            "link_count": link_counts[identifier],
            "is_blocked": identifier in identity.hubs,
        }

    owned = [
        {
            **row(identifier),
            "person_id": interval.person_id,
            "owned_from": interval.owned_from,
            "owned_to": interval.owned_to,
        }
        for identifier, intervals in sorted(persons.intervals.items())
        for interval in intervals
    ]
    return owned + [row(hub) for hub in sorted(identity.hubs)]


def links(identity: Identity) -> list[Row]:
    """One row per pair of linked identifiers."""
    return [
        {
            **_ends(link),
            "first_seen_at": link.first_message.occurred_at,
            "last_seen_at": link.last_message.occurred_at,
            "observations": link.observations,
            "first_message_id": link.first_message.message_id,
        }
        for link in identity.links
    ]


def merges(identity: Identity, persons: Persons) -> list[Row]:
    """One row per person absorbed."""
    return [
        {
            "absorbed_person_id": f"{merge.absorbed.id_type}:{merge.absorbed.id_value}",
            "person_id": merge.person_id,
            **_ends(merge.link),
            "message_id": merge.link.first_message.message_id,
            "occurred_at": merge.link.first_message.occurred_at,
        }
        for merge in find_merges(identity, persons)
    ]


def _ends(link: Link) -> Row:
    return {
        "id_type_a": link.a.id_type,
        "id_value_a": link.a.id_value,
        "id_type_b": link.b.id_type,
        "id_value_b": link.b.id_value,
    }


def persons(found: Persons, placed: Sequence[Placed]) -> list[Row]:
    """One row per person that owns an identifier at some time."""
    seen: defaultdict[str, list[datetime]] = defaultdict(list)
    for message, person_id in placed:
        if person_id is not None and message.is_behaviour:
            seen[person_id].append(message.occurred_at)
    emails: dict[str | None, str | None] = {}
    for message, person_id in placed:  # in order
        if message.type == "identify" and not message.is_excluded and "email" in message.traits:
            email = message.traits["email"]
            emails[person_id] = email if isinstance(email, str) else None
    owned: defaultdict[str, set[Identifier]] = defaultdict(set)
    for identifier, intervals in found.intervals.items():
        for interval in intervals:
            owned[interval.person_id].add(identifier)
    return [
        {
            "person_id": person_id,
            "is_identified": any(one.is_strong for one in identifiers),
            "first_seen_at": min(seen[person_id], default=None),
            "last_seen_at": max(seen[person_id], default=None),
            "user_id_count": sum(one.id_type == USER for one in identifiers),
            "anonymous_id_count": sum(one.id_type == ANONYMOUS for one in identifiers),
            "email": emails.get(person_id),
        }
        for person_id, identifiers in sorted(owned.items())
    ]
