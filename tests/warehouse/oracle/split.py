"""What Split receives from Segment, and what it makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.settings import Destination, OracleSettings
from tests.warehouse.oracle.values import canonical, is_number, name_text, scalar_text

Row = dict[str, Any]

CALLS = ("track", "page", "screen")
TRAFFIC_TYPES = {"user_id": "user", "anonymous_id": "anonymous", "account": "account"}
EVENT_TYPE_ID = re.compile(r"[A-Za-z0-9][-_.A-Za-z0-9]{0,79}")
NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
LONGEST = 255


class Key(NamedTuple):
    """Whom Split knows by an id of a traffic type."""

    traffic_type: str
    key: str


@dataclass(frozen=True)
class Split:
    """The destination under its settings."""

    settings: OracleSettings

    def option(self, name: str, default: Any) -> Any:
        """One of its own keys in lift.yml."""
        options = self.settings.destinations.get("split", Destination()).options
        return options.get(name, default)

    @property
    def types(self) -> Mapping[str, str]:
        """The traffic type of each identifier that has one."""
        unit = self.option("unit", TRAFFIC_TYPES)
        if isinstance(unit, Mapping):
            return unit
        return {name: TRAFFIC_TYPES[name] for name in ([unit] if isinstance(unit, str) else unit)}

    # ---- one message ------------------------------------------------------------------------

    def reason(self, message: Message) -> str | None:
        """Why Split does not take a message that its connection lets through."""
        if self._is_disabled(message.type):
            return "call_disabled"
        if message.type in ("page", "screen") and message.name is None:
            return "unnamed_page"
        if not self.keys(message):
            return "traffic_type_missing"
        if message.type not in CALLS:
            has_any = any(value is not None for _, value in _traits(message))
            return None if has_any else "nothing_to_send"
        event = self.event_type_id(message)
        if event is None:
            return "event_type_id_missing"
        return None if EVENT_TYPE_ID.fullmatch(event) else "event_type_id_invalid"

    def _is_disabled(self, call: str) -> bool:
        switches = {
            "identify": self.option("enable_identify", default=True),
            "group": self.option("enable_identify", default=True),
            "track": self.option("enable_track", default=True),
            "page": self.option("page_name", "view_{name}_page") is not None,
            "screen": self.option("screen_name", "viewed_{name}_screen") is not None,
        }
        return not switches[call]

    def designated(self, message: Message) -> list[Key]:
        """What `split` names in the properties of an event and the traits of a group."""
        if message.type not in (*CALLS, "group"):
            return []
        said = (message.traits if message.type == "group" else message.properties).get("split")
        members = [
            member
            for one in (said if isinstance(said, list) else [said])
            if isinstance(one, dict)
            for member in one.items()
        ]
        named = [(kind, scalar_text(value)) for kind, value in members]
        return [Key(kind, key) for kind, key in named if key is not None]

    def keys(self, message: Message) -> set[Key]:
        """Whom a message is of."""
        known = {key for key in self.designated(message) if key.traffic_type in self.types.values()}
        if message.type == "group":
            carried = [] if known else [("account", message.group_id)]
        else:
            carried = [("user_id", message.user_id), ("anonymous_id", message.anonymous_id)]
        return known | {
            Key(self.types[name], value) for name, value in carried if value and name in self.types
        }

    def event_type_id(self, message: Message) -> str | None:
        """What the event is called in Split."""
        if message.type == "track":
            path = self.option("event_type_id", "event")
            event = (
                message.original_event_name if path == "event" else scalar_text(message.at(path))
            )
        else:
            ends = ("view", "page") if message.type == "page" else ("viewed", "screen")
            usual = f"{ends[0]}_{{name}}_{ends[1]}"
            event = self.option(f"{message.type}_name", usual).replace("{name}", message.name or "")
        return event.replace(" ", "_") if event else None

    def value(self, message: Message) -> float | None:
        """The number of a track call."""
        path = self.option("value", None)
        if path is None or message.type != "track":
            return None
        said = message.at(path)
        if is_number(said):
            return float(said)
        if self.option("coerce_numeric_strings", default=False) and isinstance(said, str):
            number = float(said) if NUMBER.fullmatch(said) else float("inf")
            return number if abs(number) < float("inf") else None
        return None

    def attributes(self, message: Message) -> dict[str, Any]:
        """What a call says of each attribute; what it names outright wins over what it nests."""
        found = dict(_traits(message))
        if self.option("flatten_traits", default=False):
            for trait, value in sorted(_traits(message)):
                for name, member in value.items() if isinstance(value, dict) else ():
                    found.setdefault(f"{trait}.{name}", member)
        return found

    # ---- tables -----------------------------------------------------------------------------

    def events(self, received: Iterable[Message]) -> list[Row]:
        """One row per event and key."""
        return [
            {
                "message_id": message.message_id,
                "traffic_type": key.traffic_type,
                "key": key.key,
                "event_type_id": self.event_type_id(message),
                "value": self.value(message),
                "occurred_at": message.occurred_at,
                "call": message.type,
                "properties": {
                    name: value
                    for name, value in without_nulls(message.properties).items()
                    if name != "split"
                },
            }
            for message in received
            if message.type in CALLS
            for key in self.keys(message)
        ]

    def attribute_rows(self, received: Iterable[Message]) -> list[Row]:
        """One row per key and attribute: what was written last, unless it was removed."""
        written: dict[tuple[Key, str], Row] = {}
        for message in sorted(received, key=lambda one: one.order):
            for key in () if message.type in CALLS else self.keys(message):
                for attribute, value in self.attributes(message).items():
                    text = _attribute_text(value)
                    written[key, attribute] = {
                        "traffic_type": key.traffic_type,
                        "key": key.key,
                        "attribute": attribute,
                        "value": None if text is None else text[:LONGEST],
                        "is_truncated": text is not None and len(text) > LONGEST,
                        "updated_at": message.occurred_at,
                        "message_id": message.message_id,
                    }
        return [row for row in written.values() if row["value"] is not None]

    def impressions(self, messages: Iterable[Message]) -> list[Row]:
        """One row per `get_treatment`, whatever is set up."""
        return [
            self._impression(message)
            for message in messages
            if message.type == "track" and message.event_name == "get_treatment"
        ]

    def _impression(self, message: Message) -> Row:
        said = {
            column: name_text(message.properties.get(name))
            for column, name in {
                "split": "split", "treatment": "treatment",
                "environment": "environmentName", "label": "label",
            }.items()
        }  # fmt: skip
        source = self.settings.sources.get(message.source)
        of_source = None if source is None else source.environment
        reason = None
        if None not in (of_source, said["environment"]) and said["environment"] != of_source:
            reason = "wrong_environment"
        elif said["treatment"] == "control":
            reason = "control_treatment"
        elif None in (said["split"], said["treatment"]):
            reason = "incomplete"
        return {
            "message_id": message.message_id,
            **said,
            "traffic_type": self.types.get("user_id" if message.user_id else "anonymous_id"),
            "key": message.user_id or message.anonymous_id,
            "occurred_at": message.occurred_at,
            "excluded_reason": reason,
        }

    def findings(self, reasons: Iterable[tuple[Message, str | None]]) -> list[Row]:
        """What is wrong with the traffic types and names of messages, each with its reason."""
        rows: list[Row] = []
        reasons = list(reasons)
        unknown: dict[str, int] = {}
        for message, reason in reasons:
            if reason in (None, "traffic_type_missing"):
                types = {key.traffic_type for key in self.designated(message)}
                for kind in types - set(self.types.values()):
                    unknown[kind] = unknown.get(kind, 0) + 1
        for kind, count in unknown.items():
            rows.append(_finding("unknown_traffic_type", kind, count))
        tracked = [reason for message, reason in reasons if message.type == "track"]
        missing = tracked.count("event_type_id_missing")
        if missing and not {None, "event_type_id_invalid"} & set(tracked):
            rows.append(_finding("event_type_id_unmatched", "split", missing))
        return rows


def split_reason(message: Message, settings: OracleSettings) -> str | None:
    """Why Split does not take a message that its connection lets through; None if it does."""
    return Split(settings).reason(message)


def without_nulls(value: Any) -> Any:
    """An object without its null members, also those of objects in it."""
    if not isinstance(value, dict):
        return value
    return {name: without_nulls(member) for name, member in value.items() if member is not None}


def _traits(message: Message) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in message.traits.items() if name != "split"]


def _attribute_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return canonical(value)


def _finding(check_name: str, subject: str, count: int) -> Row:
    return {"check_name": check_name, "subject": subject, "finding_count": count}
