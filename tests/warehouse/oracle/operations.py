"""How the connections of sources and destinations do: status, freshness, drift of properties."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.warehouse.oracle.delivery import INTEGRATION_NAMES, delivery_reason, is_set_up
from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.settings import Destination, OracleSettings, Source

Row = dict[str, Any]
STALE_AFTER = timedelta(hours=24)
JSON_TYPES = {
    bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object",
}  # fmt: skip
STATUS = {"not_configured": "Not configured", "inactive": "Inactive", "active": "Active"}


def connections(messages: Iterable[Message], settings: OracleSettings) -> list[Row]:
    """One row per source and destination that is set up."""
    rows = []
    for source in {*settings.sources, *(message.source for message in messages)}:
        listed = settings.sources.get(source, Source()).destinations
        rows += [
            {
                "source": source,
                "destination": destination,
                "is_connected": listed is None or destination in listed,
            }
            for destination in INTEGRATION_NAMES
            if is_set_up(destination, settings)
        ]
    return rows


def integration_status(
    messages: Sequence[Message], as_of: datetime | None, settings: OracleSettings
) -> list[Row]:
    """The connections with what their destination makes of them."""
    rows = connections(messages, settings)
    has_source = {row["destination"] for row in rows if row["is_connected"]}
    for row in rows:
        destination = row["destination"]
        state = settings.destinations.get(destination, Destination()).state
        offered = [
            (message.received_at, delivery_reason(message, destination, settings))
            for message in messages
            if message.source == row["source"]
            and as_of is not None
            and message.received_at <= as_of
        ]
        reasons = Counter(
            reason for at, reason in offered if as_of is not None and at >= as_of - STALE_AFTER
        )
        row["is_receiving"] = None in reasons
        if row["is_receiving"]:
            reason = None
        elif state != "active":
            reason = "destination_inactive"
        elif not row["is_connected"]:
            reason = "source_not_connected"
        else:
            commonest = sorted((-count, str(reason)) for reason, count in reasons.items())
            reason = commonest[0][1] if commonest else "no_events"
        if state == "active" and destination not in has_source:
            state = "inactive"
        row |= {
            "status": STATUS[state],
            "reason": reason,
            "last_delivered_at": max((at for at, why in offered if why is None), default=None),
        }
        del row["is_connected"]
    return rows


def freshness(
    messages: Sequence[Message], as_of: datetime | None, settings: OracleSettings
) -> list[Row]:
    """One row per source."""
    rows = []
    for source in {*settings.sources, *(message.source for message in messages)}:
        received = [
            message
            for message in messages
            if message.source == source and as_of is not None and message.received_at <= as_of
        ]
        delays = sorted((one.received_at - one.occurred_at).total_seconds() for one in received)
        last = max((one.received_at for one in received), default=None)
        since = None if last is None or as_of is None else (as_of - last).total_seconds()
        rows.append(
            {
                "source": source,
                "last_received_at": last,
                "seconds_since_last": since,
                "delay_p50_seconds": _quantile(delays, 0.5),
                "delay_p95_seconds": _quantile(delays, 0.95),
                "late_messages": sum(delay > 3600 for delay in delays),
            }
        )
    return rows


def schema_drift(messages: Iterable[Message]) -> list[Row]:
    """One row per event and property with more than one type."""
    seen: defaultdict[tuple[str | None, str], list[tuple[str, datetime]]] = defaultdict(list)
    for message in messages:
        for name, value in message.properties.items():
            if value is not None:
                kind = JSON_TYPES[type(value)]
                seen[message.event_name, name].append((kind, message.occurred_at))
    return [
        {
            "event_name": event_name,
            "property": name,
            "types": sorted({kind for kind, _ in values}),
            "first_seen_at": min(at for _, at in values),
            "last_seen_at": max(at for _, at in values),
            "messages": len(values),
        }
        for (event_name, name), values in seen.items()
        if len({kind for kind, _ in values}) > 1
    ]


def _quantile(ordered: list[float], share: float) -> float | None:
    """Between two values the share of the way from the lower to the upper one."""
    if not ordered:
        return None
    place = (len(ordered) - 1) * share
    lower, upper = ordered[int(place)], ordered[min(int(place) + 1, len(ordered) - 1)]
    return lower + (upper - lower) * (place - int(place))
