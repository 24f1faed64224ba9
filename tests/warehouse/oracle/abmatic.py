"""What flows to Abmatic, and why the rest does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.warehouse.oracle.delivery import drop_reason
from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.oracle.split import without_nulls
from tests.warehouse.oracle.triggers import is_match

Row = dict[str, Any]


@dataclass(frozen=True)
class Abmatic:
    """The destination, named in lift.yml, under its settings."""

    settings: OracleSettings

    def kinds(self, message: Message) -> set[str]:
        """What Abmatic has a use for in a message; a refund is a conversion too."""
        fired: set[str] = set()
        for conversion in self.settings.conversions:
            triggers = {conversion.trigger, conversion.refund} - {None}
            if _is_from(message, conversion.sources) and any(
                is_match(trigger, message) for trigger in triggers if trigger is not None
            ):
                fired.add("conversion")
        for entry in self.settings.exposures:
            if (
                entry.adapter == "abmatic"
                and entry.trigger is not None
                and _is_from(message, entry.sources)
                and is_match(entry.trigger, message)
            ):
                fired.add("exposure")
        return fired

    def reason(self, message: Message) -> str | None:
        """Why Abmatic does not receive a message; None if it does."""
        connection = drop_reason(message, "abmatic", self.settings)
        if connection is not None:
            return str(connection)
        return None if self.kinds(message) else "not_configured"

    def deliveries(self, messages: Iterable[Message]) -> list[Row]:
        """One row per message with why Abmatic did not receive it."""
        return [
            {"message_id": message.message_id, "drop_reason": self.reason(message)}
            for message in messages
        ]

    def events(self, messages: Iterable[Message]) -> list[Row]:
        """One row per message received and kind."""
        return [
            {
                "message_id": message.message_id,
                "kind": kind,
                "event": message.name if message.type in ("page", "screen") else message.event,
                "properties": without_nulls(message.properties),
                "occurred_at": message.occurred_at,
                "anonymous_id": message.anonymous_id,
                "page_url": _url(message),
            }
            for message in messages
            if self.reason(message) is None
            for kind in self.kinds(message)
        ]


def _is_from(message: Message, sources: tuple[str, ...] | None) -> bool:
    return sources is None or message.source in sources


def _url(message: Message) -> str | None:
    page = message.context.get("page")
    url = page.get("url") if isinstance(page, dict) else None
    return url if isinstance(url, str) else None
