"""Short spellings of raw messages for hand-computed examples."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from tests.warehouse.oracle.entries import Trigger
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.oracle.settings import Conversion, OracleSettings

_rows = count(1)


def at(text: str) -> datetime:
    """`1` is May 1st 2026, `1 10:00` ten o'clock on it, `1 10:00:00.000001` the next instant."""
    day, _, clock = text.partition(" ")
    return datetime.fromisoformat(f"2026-05-{int(day):02}T{clock or '00:00'}")


def raw(
    kind: str,
    when: str = "1 10:00",
    user: Any = None,
    device: Any = None,
    *,
    id: str | None = None,
    source: str = "web",
    file: str = "f",
    row: int | None = None,
    **fields: Any,
) -> RawMessage:
    """A message received when it happened; without `id` it is named after its row."""
    number = next(_rows) if row is None else row
    time = at(when).isoformat() + "Z"
    payload = {
        "messageId": f"m{number:06}" if id is None else id,
        "type": kind,
        "userId": user,
        "anonymousId": device,
        "timestamp": time,
        "receivedAt": time,
        **fields,
    }
    return RawMessage(source, file, number, payload)


def track(event: str, when: str, user: Any = None, device: Any = None, **fields: Any) -> RawMessage:
    return raw("track", when, user, device, event=event, **fields)


def view(
    when: str,
    who: str,
    personalized: Any = True,
    *,
    experience: Any = "Home",
    segment: Any = "SMB",
    **fields: Any,
) -> RawMessage:
    """A view by a visitor known by its device alone."""
    properties = {
        "experience": experience,
        "audienceSegment": segment,
        "personalized": personalized,
    }
    return track("Mutiny Experience Viewed", when, device=who, properties=properties, **fields)


SIGNUP = Conversion("signup", Trigger(event="Signed Up"), main=True)
ORDER = Conversion(
    "order",
    Trigger(event="Order Completed"),
    value="properties.revenue",
    currency="properties.currency",
    distinct_by="properties.order_id",
    refund=Trigger(event="Order Refunded"),
)


def order(when: str, who: str, revenue: Any = 10, **fields: Any) -> RawMessage:
    properties = {"revenue": revenue, **fields.pop("properties", {})}
    return track("Order Completed", when, device=who, properties=properties, **fields)


def signup(when: str, who: str, **fields: Any) -> RawMessage:
    return track("Signed Up", when, device=who, **fields)


def oracle(*messages: RawMessage, **settings: Any) -> Oracle:
    return Oracle(list(messages), OracleSettings(**settings))
