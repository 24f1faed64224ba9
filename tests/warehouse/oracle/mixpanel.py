"""The tables of Mixpanel: what it holds after all messages that it received."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tests.warehouse.oracle.delivery import delivery_reason
from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.mixpanel_browsers import browser, browser_version
from tests.warehouse.oracle.mixpanel_calls import (
    RESERVED,
    Json,
    Sent,
    cut,
    identity,
    mixpanel_of,
    profile,
    sent_events,
)
from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.oracle.times import to_micros
from tests.warehouse.oracle.values import plain_decimal

Row = dict[str, Any]
HOUR, YEAR = 3_600_000_000, 365 * 86_400_000_000
PLACEHOLDERS = {
    "anon", "anonymous", "nil", "none", "null", "n/a", "undefined",
    "00000000-0000-0000-0000-000000000000",
}  # fmt: skip
CLIENTS = ("analytics-ios", "analytics-swift", "analytics-android", "analytics-kotlin")
OF_CONTEXT = {
    "ip": "ip", "$current_url": "page.url", "$referrer": "page.referrer", "$locale": "locale",
    "timezone": "timezone", "$app_name": "app.name", "$app_namespace": "app.namespace",
    "$app_build_number": "app.build", "$app_version_string": "app.version",
    "app_platform": "app.platform", "$os": "os.name", "$os_version": "os.version",
    "$device_type": "device.type", "$device_name": "device.name", "$device": "device.name",
    "$manufacturer": "device.manufacturer", "$model": "device.model",
    "advertising_id": "device.advertisingId", "ad_tracking_enabled": "device.adTrackingEnabled",
    "$bluetooth_enabled": "network.bluetooth", "$cellular_enabled": "network.cellular",
    "$wifi_enabled": "network.wifi", "$carrier": "network.carrier",
    "$screen_width": "screen.width", "$screen_height": "screen.height",
    "$screen_density": "screen.density", "mp_country_code": "location.country",
    "utm_source": "campaign.source", "utm_medium": "campaign.medium",
    "utm_campaign": "campaign.name", "utm_term": "campaign.term",
    "utm_content": "campaign.content", "$mobile": "userAgentData.mobile",
    "$platform": "userAgentData.platform", "$bitness": "userAgentData.bitness",
    "$platformVersion": "userAgentData.platformVersion",
    "$uaFullVersion": "userAgentData.uaFullVersion", "$wow64": "userAgentData.wow64",
    "$lib_version": "library.version",
}  # fmt: skip


class MixpanelTables:
    """The four tables, from the winning messages in their order."""

    def __init__(self, messages: Iterable[Message], settings: OracleSettings) -> None:
        self.settings = settings
        self.mixpanel = mixpanel_of(settings)
        messages = sorted(messages, key=lambda message: message.order)
        reasons = {one.message_id: delivery_reason(one, "mixpanel", settings) for one in messages}
        self.received = [one for one in messages if reasons[one.message_id] is None]
        self.registered = [
            one
            for one in messages
            if one.type == "identify" and reasons[one.message_id] in (None, "nothing_to_send")
        ]

    @property
    def mixpanel_events(self) -> list[Row]:
        """One row per event."""
        owners = self._owners()
        stamps = self._stamps()
        return [
            self._event(message, sent, owners, stamps.get(message.message_id, {}))
            for message in self.received
            for sent in sent_events(message, self.mixpanel)
        ]

    @property
    def mixpanel_identities(self) -> list[Row]:
        """One row per call that tells of two ids."""
        return [
            {
                "message_id": message.message_id,
                "kind": message.type,
                "identified_id": ids[0],
                "anonymous_id": ids[1],
                "occurred_at": message.occurred_at,
            }
            for message in self.received
            if (ids := identity(message, self.mixpanel))
        ]

    @property
    def mixpanel_profiles(self) -> list[Row]:
        """One row per distinct id and property."""
        return [
            {"distinct_id": owner, "property": name, **row}
            for (owner, name), row in self._profiles("identify").items()
        ]

    @property
    def mixpanel_groups(self) -> list[Row]:
        """One row per group and property."""
        key = self.mixpanel.group_key
        return [
            {"group_key": key, "group_id": owner, "property": name, **row}
            for (owner, name), row in self._profiles("group").items()
        ]

    def _profiles(self, kind: str) -> dict[tuple[str, str], Row]:
        held: dict[tuple[str, str], Row] = {}
        for message in self.received:
            written = profile(message, self.mixpanel) if message.type == kind else None
            for name, value in (written[1] if written else {}).items():
                assert written is not None
                held[written[0], name] = {
                    "value": value,
                    "updated_at": message.occurred_at,
                    "message_id": message.message_id,
                }
        return held

    def _event(self, message: Message, sent: Sent, owners: dict[str, str], stamp: Json) -> Row:
        context, own = message.context, sent.own
        distinct_id = message.user_id or message.anonymous_id or ""
        insert_id = f"{sent.place - 1 if sent.place else ''}{message.message_id}"
        time = to_micros(message.occurred_at) // 1000 - sent.place
        library = text(scalar(context, "library.name")) or None
        mp_lib = None if library is None else self.mixpanel.mp_lib_prefix + library
        agent = text(scalar(context, "userAgent"))
        iterable = text(scalar(context, "integration.name")) == "Iterable"
        ours = {name: scalar(context, path) for name, path in OF_CONTEXT.items()} | {
            "$ios_ifa": first(
                scalar(context, "device.advertisingId"), scalar(context, "device.idfa")
            ),
            "$source": "Iterable" if iterable else "segment",
            "$browser": browser(agent or ""),
            "$browser_version": browser_version(agent or ""),
            "mp_lib": mp_lib,
            "event_original_name": message.original_event_name or message.name,
            "$device_id": message.anonymous_id,
            "$anon_id": message.anonymous_id,
            "$user_id": message.user_id,
            "$identified_id": message.user_id,
            "$group_id": scalar(context, "groupId") if scalar(context, "groupId") != "" else None,
            "$insert_id": insert_id,
            "id": distinct_id,
            "distinct_id": distinct_id,
            "time": time,
        }
        properties = {key: cut(value) for key, value in ours.items() if value is not None} | own
        if is_client(library):
            properties = stamp | properties
        known_id = message.user_id or self._device(message.anonymous_id)
        reason = self._invalid_reason(message, sent, distinct_id, insert_id, properties)
        return {
            "message_id": message.message_id,
            "mapping": sent.mapping,
            "event": sent.event,
            "distinct_id": distinct_id,
            "insert_id": insert_id,
            "time": time,
            "mp_lib": mp_lib,
            "connection_mode": "device" if library == "web" else "cloud",
            "device_id": message.anonymous_id,
            "user_id": message.user_id,
            "canonical_distinct_id": None if known_id is None else canonical(known_id, owners),
            "group_ids": group_ids(properties.get(self.mixpanel.group_key)),
            "properties": properties,
            "is_valid": reason is None,
            "invalid_reason": reason,
        }

    def _invalid_reason(
        self, message: Message, sent: Sent, distinct_id: str, insert_id: str, properties: Json
    ) -> str | None:
        claimed, received = message.claimed_at, to_micros(message.received_at)
        if claimed is not None and not YEAR <= claimed <= received + HOUR:
            return "time_out_of_range"
        if distinct_id.lower() in PLACEHOLDERS:
            return "placeholder_distinct_id"
        if not re.fullmatch("[-A-Za-z0-9]{1,36}", insert_id):
            return "insert_id_invalid"
        if len(properties) > 255:
            return "too_many_properties"
        if any(len(name) > 255 for name in (sent.event, *properties)):
            return "name_too_long"
        return "duplicate" if sent.is_repeated else None

    def _device(self, anonymous_id: str | None) -> str | None:
        is_original = self.mixpanel.identity_merge == "original"
        return anonymous_id and ("" if is_original else "$device:") + anonymous_id

    def _owners(self) -> dict[str, str]:
        """What each id is counted under: the first call that tells of an id wins."""
        owners: dict[str, str] = {}
        order: dict[str, int] = {}
        for place, message in enumerate(self.received):
            ids = identity(message, self.mixpanel)
            if self.mixpanel.identity_merge == "simplified":
                ids = (message.user_id or "", message.anonymous_id or "")
                if message.type == "alias" or not all(ids):
                    ids = None
            device = self._device(ids[1]) if ids else None
            if ids and device and device != ids[0] and device not in owners:
                owners[device], order[device] = ids[0], place
        for start in list(owners):
            path = [start]
            while path[-1] in owners and owners[path[-1]] not in path:
                path.append(owners[path[-1]])
            if path[-1] in owners:  # a circle: the link that closed it does not count
                circle = path[path.index(owners[path[-1]]) :]
                del owners[max(circle, key=lambda one: order[one])]
        return owners

    def _stamps(self) -> dict[str, Json]:
        """The super properties of each message: what the latest identify call before it says."""
        listed = self.mixpanel.super_properties
        if listed == "off":
            return {}
        devices: defaultdict[str, list[Message]] = defaultdict(list)
        for identify in self.registered:
            devices[identify.anonymous_id or ""].append(identify)
        stamps = {}
        for message in self.received:
            earlier = [
                one
                for one in devices.get(message.anonymous_id or "", [])
                if message.anonymous_id and one.order < message.order
            ]
            traits = earlier[-1].traits if earlier else {}
            stamps[message.message_id] = {
                key: cut(value)
                for key, value in traits.items()
                if value is not None
                and key not in RESERVED
                and (listed == "traits" or key in listed)
            }
        return stamps


def canonical(known_id: str, owners: dict[str, str]) -> str:
    """The end of the chain of an id."""
    while known_id in owners:
        known_id = owners[known_id]
    return known_id


def is_client(library: str | None) -> bool:
    """Whether a library runs where the person is."""
    return library in ("analytics.js", "web") or (library or "").startswith(CLIENTS)


def scalar(context: Json, path: str) -> Any:
    """The value at a path of the context unless it is an object or a list."""
    value: Any = context
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return None if isinstance(value, dict | list) else value


def first(*values: Any) -> Any:
    """The first value that is there."""
    return next((value for value in values if value is not None), None)


def text(value: Any) -> str | None:
    """A scalar as text."""
    return value if value is None or isinstance(value, str) else json.dumps(value)


def group_ids(value: Any) -> list[str]:
    """The texts, numbers and booleans of a property."""
    found = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, bool):
            found.append("true" if one else "false")
        elif isinstance(one, int | float):
            found.append(plain_decimal(one))
        elif isinstance(one, str) and one:
            found.append(one)
    return found
