"""Accounts: what is known of them, and who belongs to them since when and until when."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.spans import Span, spans
from tests.warehouse.oracle.values import scalar_text

REMOVAL = "Account Removed User"

Row = dict[str, Any]
Placed = tuple[Message, str | None]


@dataclass
class Membership:
    """What ties one person to one account."""

    first_seen_at: datetime
    last_seen_at: datetime
    removed_at: datetime | None = None


def account_of(message: Message) -> str | None:
    """The message's groupId, else context.groupId."""
    return message.group_id or scalar_text(message.at("context.groupId"))


def is_removal(message: Message) -> bool:
    return message.type == "track" and message.event_name == REMOVAL


def speaking(placed: Iterable[Placed]) -> list[tuple[Message, str | None, str]]:
    """Behaviour that names an account, in order, with its person and the account.

    A message whose every identifier is blocked stands outside; a group call that has none speaks
    of the account alone.
    """
    found = []
    for message, person_id in sorted(placed, key=lambda one: one[0].order):
        account_id = account_of(message)
        is_nobodys = message.user_id is None and message.anonymous_id is None
        if not message.is_behaviour or account_id is None:
            continue
        if person_id is not None or (message.type == "group" and is_nobodys):
            found.append((message, person_id, account_id))
    return found


def memberships(placed: Iterable[Placed]) -> dict[tuple[str, str], Membership]:
    """By person and account: a removal closes what is open, and ties nobody by itself."""
    found: dict[tuple[str, str], Membership] = {}
    for message, person_id, account_id in speaking(placed):
        if person_id is None:
            continue
        moment = message.occurred_at
        membership = found.get((person_id, account_id))
        if is_removal(message):
            if membership is not None and membership.removed_at is None:
                membership.removed_at = moment
        elif membership is None:
            found[person_id, account_id] = Membership(moment, moment)
        else:
            membership.last_seen_at, membership.removed_at = moment, None
    return found


def stays(placed: Iterable[Placed]) -> dict[tuple[str, str], list[Span]]:
    """By person and account: the intervals in which they belong together."""
    found: defaultdict[tuple[str, str], list[tuple[datetime, bool]]] = defaultdict(list)
    for message, person_id, account_id in speaking(placed):
        if person_id is not None:
            state = (message.occurred_at, not is_removal(message))
            found[person_id, account_id].append(state)
    return {key: spans(states) for key, states in found.items()}


def trait_histories(placed: Iterable[Placed]) -> dict[str, list[tuple[datetime, dict[str, Any]]]]:
    """By account: all its traits from each of its group calls on, in order."""
    found: defaultdict[str, list[tuple[datetime, dict[str, Any]]]] = defaultdict(list)
    for message, _, account_id in speaking(placed):
        if message.type == "group":
            before = found[account_id][-1][1] if found[account_id] else {}
            found[account_id].append((message.occurred_at, before | message.traits))
    return dict(found)


def bridge(placed: Iterable[Placed]) -> list[Row]:
    """One row per person and account."""
    return [
        {"person_id": person_id, "account_id": account_id, **vars(membership)}
        for (person_id, account_id), membership in memberships(placed).items()
    ]


def accounts(placed: Iterable[Placed]) -> list[Row]:
    """One row per account; traits are compact JSON with sorted keys."""
    placed = list(placed)
    seen: defaultdict[str, list[datetime]] = defaultdict(list)
    traits: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for message, _, account_id in speaking(placed):
        seen[account_id].append(message.occurred_at)
        if message.type == "group":
            # Absent keeps, null removes, empty text is a value.
            traits[account_id] |= message.traits
    open_memberships = [
        account_id
        for (_, account_id), membership in memberships(placed).items()
        if membership.removed_at is None
    ]
    return [
        {
            "account_id": account_id,
            "traits": _object_text(traits[account_id]),
            "person_count": open_memberships.count(account_id),
            "first_seen_at": moments[0],
            "last_seen_at": moments[-1],
        }
        for account_id, moments in seen.items()
    ]


def _object_text(traits: dict[str, Any]) -> str:
    """Keys of the object itself are sorted, those of objects within stand as they were sent."""
    kept = {key: traits[key] for key in sorted(traits) if traits[key] is not None}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
