"""How many events each destination received on a day, and from how many senders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from tests.warehouse.oracle.abmatic import Abmatic
from tests.warehouse.oracle.delivery import delivery_reason, is_set_up
from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.mixpanel import MixpanelTables
from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.oracle.split import Split

Row = dict[str, Any]
# Destination, event under the destination's own name, day, and who sent it if known.
Event = tuple[str, str | None, date, object]


def event_volume(messages: Iterable[Message], settings: OracleSettings) -> list[Row]:
    """One row per destination that is set up, event and day."""
    counts: dict[tuple[str, str | None, date], int] = defaultdict(int)
    senders: dict[tuple[str, str | None, date], set[object]] = defaultdict(set)
    for destination, event, day, sender in _events(list(messages), settings):
        counts[destination, event, day] += 1
        senders[destination, event, day] |= set() if sender is None else {sender}
    return [
        {
            "destination": destination,
            "event": event,
            "date": day,
            "events": count,
            "users": len(senders[destination, event, day]),
        }
        for (destination, event, day), count in counts.items()
    ]


def _events(messages: list[Message], settings: OracleSettings) -> Iterator[Event]:
    def received(destination: str) -> list[Message]:
        if not is_set_up(destination, settings):
            return []
        return [one for one in messages if delivery_reason(one, destination, settings) is None]

    for row in Abmatic(settings).events(received("abmatic")):
        yield "abmatic", row["event"], row["occurred_at"].date(), row["anonymous_id"]
    if is_set_up("mixpanel", settings):
        for row in MixpanelTables(messages, settings).mixpanel_events:
            day = datetime.fromtimestamp(row["time"] // 1000, UTC).date()
            yield "mixpanel", row["event"], day, row["distinct_id"] or None
    for message in received("mutiny"):
        if message.type == "track":
            sender = message.user_id or message.anonymous_id
            yield "mutiny", message.original_event_name, message.occurred_at.date(), sender
    for row in Split(settings).events(received("split")):
        key = row["traffic_type"], row["key"]
        yield "split", row["event_type_id"], row["occurred_at"].date(), key
