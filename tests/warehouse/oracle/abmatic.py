"""What flows to Abmatic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

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

    def events(self, received: Iterable[Message]) -> list[Row]:
        """One row per message received and kind."""
        return [
            {
                "message_id": message.message_id,
                "kind": kind,
                "event": message.name
                if message.type in ("page", "screen")
                else message.original_event_name,
                "properties": without_nulls(message.properties),
                "occurred_at": message.occurred_at,
                "anonymous_id": message.anonymous_id,
                "page_url": _url(message),
            }
            for message in received
            for kind in self.kinds(message)
        ]


def _is_from(message: Message, sources: tuple[str, ...] | None) -> bool:
    return sources is None or message.source in sources


def _url(message: Message) -> str | None:
    page = message.context.get("page")
    url = page.get("url") if isinstance(page, dict) else None
    return url if isinstance(url, str) else None
