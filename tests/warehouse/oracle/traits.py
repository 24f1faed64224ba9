"""Traits of persons: what identify calls say, and when it changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.values import canonical, is_number

Row = dict[str, Any]
Placed = tuple[Message, str | None]


@dataclass(frozen=True)
class TraitChange:
    """A trait that a message gave a value, or removed (`value` is None), when it was not so."""

    person_id: str
    trait: str
    value: Any
    message: Message


def telling(placed: Iterable[Placed]) -> list[tuple[Message, str]]:
    """The messages that may say something of a person, Engage's among them, in order."""
    return [
        (message, person_id)
        for message, person_id in sorted(placed, key=lambda one: one[0].order)
        if person_id is not None and not message.is_excluded and not message.is_system
    ]


def trait_changes(placed: Iterable[Placed]) -> list[TraitChange]:
    """In order: absent keeps, null removes, and only another value is a change."""
    changes: list[TraitChange] = []
    known: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for message, person_id in telling(placed):
        if message.type != "identify":
            continue
        for trait, value in message.traits.items():
            before = known[person_id].get(trait)
            if canonical(value) != canonical(before):
                changes.append(TraitChange(person_id, trait, value, message))
                known[person_id][trait] = value
    return changes


def changes_rows(changes: Iterable[TraitChange]) -> list[Row]:
    """One row per change; the value is canonical JSON, None for a removal."""
    return [
        {
            "person_id": change.person_id,
            "trait": change.trait,
            "value": _text(change.value),
            "changed_at": change.message.occurred_at,
            "source": change.message.source,
            "message_id": change.message.message_id,
        }
        for change in changes
    ]


def current_rows(changes: Iterable[TraitChange]) -> list[Row]:
    """One row per person and trait that it has now."""
    latest = {(change.person_id, change.trait): change for change in changes}
    return [
        {
            "person_id": person_id,
            "trait": trait,
            "value": _text(change.value),
            "value_type": value_type(change.value),
            "updated_at": change.message.occurred_at,
        }
        for (person_id, trait), change in sorted(latest.items())
        if change.value is not None
    ]


def value_type(value: Any) -> str:
    """The JSON type of a value that is not null."""
    if isinstance(value, bool):
        return "boolean"
    if is_number(value):
        return "number"
    names: dict[type, str] = {str: "string", list: "array", dict: "object"}
    return names[type(value)]


def _text(value: Any) -> str | None:
    return None if value is None else canonical(value)
