"""Acceptance of raw rows, their ids and times, and deduplication."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.oracle.times import MessageTime, Quality, claimed_time, message_time
from tests.warehouse.oracle.values import as_object, canonical_digest, scalar_text, staged

TYPES = frozenset({"identify", "track", "page", "screen", "group", "alias", "delete"})
TIMES = frozenset({"timestamp", "originalTimestamp", "sentAt", "receivedAt"})
SYSTEM_EVENTS = frozenset({"Violation Generated", "Segment Consent Preference Updated"})


class RejectReason(StrEnum):
    """Why a row is no message; judged in this order."""

    UNKNOWN_TYPE = "unknown_type"
    NO_IDENTIFIER = "no_identifier"
    NO_TIME = "no_time"


@dataclass(frozen=True)
class RawMessage:
    """One row of a landed file in the raw layout, with Segment's own field names."""

    source: str
    file: str
    row_number: int
    payload: dict[str, Any]


@dataclass(frozen=True)
class Reject:
    """A row that is no message."""

    source: str
    file: str
    row_number: int
    reason: RejectReason


@dataclass(frozen=True)
class Message:
    """An accepted row."""

    message_id: str
    source: str
    file: str
    row_number: int
    digest: str
    content: str
    type: str
    event_name: str | None
    original_event_name: str | None  # before aliases
    name: str | None
    anonymous_id: str | None
    user_id: str | None
    group_id: str | None
    previous_id: str | None
    occurred_at: datetime
    received_at: datetime
    timestamp_quality: Quality
    is_excluded: bool
    properties: dict[str, Any]
    traits: dict[str, Any]
    context: dict[str, Any]
    integrations: dict[str, Any]
    claimed_at: int | None  # in microseconds, believed or not

    @property
    def order(self) -> tuple[datetime, datetime, str]:
        """The order used wherever one is needed."""
        return (self.occurred_at, self.received_at, self.message_id)

    @property
    def is_system(self) -> bool:
        """Segment's own messages about itself, which make no person."""
        return self.type == "delete" or (self.type == "track" and self.event_name in SYSTEM_EVENTS)

    @property
    def is_engage(self) -> bool:
        """Sent by Engage: it names a person, and says nothing about behaviour."""
        return isinstance(self.context.get("personas"), dict) and not self.is_system

    @property
    def is_behaviour(self) -> bool:
        """What a visitor did, and did not do to be left out: makes links, persons and counts."""
        return not (self.is_system or self.is_engage or self.is_excluded)

    def at(self, path: str) -> Any:
        """The value at a dotted path such as `properties.revenue`, None where there is none."""
        root, *keys = path.split(".")
        value: Any = getattr(self, root)
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value


def accept(
    rows: Iterable[RawMessage], settings: OracleSettings
) -> tuple[list[Message], list[Reject]]:
    """Judge every row by itself: a row is judged before it is deduplicated."""
    accepted: list[Message] = []
    rejected: list[Reject] = []
    equal_rows: Counter[tuple[str, str, str]] = Counter()
    for row in sorted(rows, key=lambda row: (row.source, row.file, row.row_number)):
        time = message_time(row.payload, settings.future_skew)
        reason = _reject_reason(row.payload)
        if reason is not None or time is None:
            reason = reason or RejectReason.NO_TIME
            rejected.append(Reject(row.source, row.file, row.row_number, reason))
            continue
        payload = staged(row.payload)
        digest = canonical_digest(payload)
        message_id = scalar_text(row.payload.get("messageId"))
        if message_id is None:
            equal_rows[row.source, row.file, digest] += 1
            message_id = f"{digest}-{equal_rows[row.source, row.file, digest]}"
        accepted.append(_message(replace(row, payload=payload), message_id, digest, time, settings))
    return accepted, rejected


def _reject_reason(payload: dict[str, Any]) -> RejectReason | None:
    kind = payload.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        return RejectReason.UNKNOWN_TYPE
    identifying = ["userId", "anonymousId"]
    if kind == "alias":
        identifying.append("previousId")
    if kind == "group":
        identifying.append("groupId")
    if all(payload.get(field) in (None, "") for field in identifying):
        return RejectReason.NO_IDENTIFIER
    return None


def _message(
    row: RawMessage, message_id: str, digest: str, time: MessageTime, settings: OracleSettings
) -> Message:
    payload = row.payload
    context = as_object(payload.get("context"))
    agent = context.get("userAgent")
    name = scalar_text(payload.get("name"))
    event = scalar_text(payload.get("event"))
    group = payload.get("groupId")
    if payload["type"] == "track":
        event_name = None if event is None else settings.aliases.get(event, event)
    else:
        event_name = name if payload["type"] in ("page", "screen") else None
    return Message(
        message_id=message_id,
        source=row.source,
        file=row.file,
        row_number=row.row_number,
        digest=digest,
        content=canonical_digest({key: payload[key] for key in payload if key not in TIMES}),
        type=payload["type"],
        event_name=event_name,
        original_event_name=event,
        name=name,
        anonymous_id=scalar_text(payload.get("anonymousId")),
        user_id=scalar_text(payload.get("userId")),
        group_id="" if group == "" else scalar_text(group),  # as sent
        previous_id=scalar_text(payload.get("previousId")),
        occurred_at=time.occurred_at,
        received_at=time.received_at,
        timestamp_quality=time.quality,
        is_excluded=isinstance(agent, str)
        and any(text in agent for text in settings.excluded_user_agents),
        properties=as_object(payload.get("properties")),
        traits=as_object(payload.get("traits")),
        context=context,
        integrations=as_object(payload.get("integrations")),
        claimed_at=claimed_time(payload),
    )


def deduplicate(
    accepted: Iterable[Message], settings: OracleSettings
) -> tuple[list[Message], list[Message]]:
    """The winning copies in order, and the losing ones.

    The earliest received copy wins, then the source id, then the digest. Copies equal in all of
    that are equal messages: which of their files loses one is fixed by file and row.
    """
    copies: defaultdict[str, list[Message]] = defaultdict(list)
    for message in accepted:
        copies[message.message_id].append(message)
    winners: list[Message] = []
    losers: list[Message] = []
    for same_id in copies.values():
        same_id.sort(
            key=lambda copy: (
                copy.received_at,
                settings.source_id(copy.source),
                copy.digest,
                copy.file,
                copy.row_number,
            )
        )
        winners.append(same_id[0])
        losers.extend(same_id[1:])
    return sorted(winners, key=lambda message: message.order), losers


def reused_ids(accepted: Iterable[Message]) -> set[str]:
    """The ids of which two copies differ in anything but times."""
    contents: defaultdict[str, set[str]] = defaultdict(set)
    for message in accepted:
        contents[message.message_id].add(message.content)
    return {message_id for message_id, found in contents.items() if len(found) > 1}
