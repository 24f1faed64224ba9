"""Audiences of Engage: which messages speak of one, and who is a member when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.oracle.spans import Span, spans
from tests.warehouse.oracle.traits import telling
from tests.warehouse.oracle.values import scalar_text

AUDIENCE = "audience"
BY_NAME = {"Audience Entered": True, "Audience Exited": False}

Placed = tuple[Message, str | None]


@dataclass(frozen=True)
class AudienceChange:
    """What somebody is to an audience from a message on; before the first it is unknown."""

    person_id: str
    audience: str
    is_member: bool
    changed_at: datetime


def state_of(value: Any) -> bool | None:
    """True and false, also as text; nothing else is a state."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


def said(message: Message, settings: OracleSettings) -> dict[str, bool | None]:
    """By audience: whether the message makes a member; None (a null) takes back what was."""
    if message.type == "identify":
        return _said_by_identify(message, settings)
    if message.type == "track" and _is_of_audience(message):
        return _said_by_track(message)
    return {}


def _said_by_identify(message: Message, settings: OracleSettings) -> dict[str, bool | None]:
    audiences = set(settings.audience_keys)
    computed = scalar_text(message.at("context.personas.computation_class"))
    if _is_of_audience(message):
        key = _computation_key(message)
        audiences |= set(message.traits) if key is None else {key}
    if settings.source_kind(message.source) == "engage" and computed in (None, AUDIENCE):
        audiences |= set(message.traits)
    return _states({key: message.traits[key] for key in audiences if key in message.traits})


def _said_by_track(message: Message) -> dict[str, bool | None]:
    key = _computation_key(message)
    if key is None:
        return _states(message.properties)
    if key in message.properties:
        states = _states({key: message.properties[key]})
        if states:
            return states
    is_member = BY_NAME.get(message.event_name or "")
    return {} if is_member is None else {key: is_member}


def _states(values: dict[str, Any]) -> dict[str, bool | None]:
    """The values that are a state, or null."""
    states = {key: state_of(value) for key, value in values.items()}
    return {key: state for key, state in states.items() if state is not None or values[key] is None}


def _is_of_audience(message: Message) -> bool:
    return scalar_text(message.at("context.personas.computation_class")) == AUDIENCE


def _computation_key(message: Message) -> str | None:
    return scalar_text(message.at("context.personas.computation_key"))


def audience_changes(placed: Iterable[Placed], settings: OracleSettings) -> list[AudienceChange]:
    """In order: a repeat changes nothing, and null nothing where nobody was a member."""
    changes: list[AudienceChange] = []
    known: defaultdict[str, dict[str, bool]] = defaultdict(dict)
    for message, person_id in telling(placed):
        for audience, state in said(message, settings).items():
            before = known[person_id].get(audience)
            if state is None and not before:
                continue
            is_member = bool(state)
            if is_member != before:
                known[person_id][audience] = is_member
                changes.append(AudienceChange(person_id, audience, is_member, message.occurred_at))
    return changes


def audience_members(changes: Iterable[AudienceChange]) -> dict[tuple[str, str], list[Span]]:
    """By person and audience: the intervals of membership."""
    states: defaultdict[tuple[str, str], list[tuple[datetime, bool]]] = defaultdict(list)
    for change in changes:
        states[change.person_id, change.audience].append((change.changed_at, change.is_member))
    return {key: spans(found) for key, found in states.items()}
