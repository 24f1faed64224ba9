"""What Segment's Mixpanel destination makes of one message, by the message alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.settings import Destination, Mixpanel, MixpanelMapping, OracleSettings
from tests.warehouse.oracle.triggers import is_match
from tests.warehouse.oracle.values import scalar_text

Json = dict[str, Any]

RESERVED = {"time", "id", "$anon_id", "distinct_id", "$group_id", "$insert_id", "$user_id"}
NOT_OF_PRODUCTS = {
    "affiliation", "subtotal", "total", "revenue", "shipping", "tax", "discount", "coupon",
    "currency", "order_number", "products",
}  # fmt: skip
OF_PRODUCTS = (
    "product_id", "sku", "category", "name", "brand", "variant", "price", "quantity", "coupon",
    "position", "url", "image_url",
)  # fmt: skip
RENAMED = {
    "email": "$email", "firstName": "$first_name", "lastName": "$last_name",
    "username": "$username", "phone": "$phone",
}  # fmt: skip
CREATED = ("created", "createdAt", "created_at")


@dataclass(frozen=True)
class Sent:
    """An event before what every event has is added; `place` counts the products from 1."""

    mapping: str
    event: str
    own: Json
    place: int = 0
    is_repeated: bool = False


def mixpanel_of(settings: OracleSettings) -> Mixpanel:
    """What `destinations.mixpanel` says."""
    return settings.destinations.get("mixpanel", Destination()).mixpanel or Mixpanel()


def cut(value: Any) -> Any:
    """At most 255 characters of a text."""
    return value[:255] if isinstance(value, str) else value


def own_properties(values: Json) -> Json:
    """What a call adds: neither nulls nor what is Mixpanel's own."""
    return {
        key: cut(value)
        for key, value in values.items()
        if value is not None and key not in RESERVED
    }


def preset_event(message: Message, mixpanel: Mixpanel) -> str | None:
    """The name of the event that a preset makes, None of other calls and without a name."""
    if message.type == "track":
        return message.original_event_name
    if message.type == "page":
        return rendered(mixpanel.page_event, message) or None
    return f"Viewed {message.name or ''}" if message.type == "screen" else None


def rendered(template: str, message: Message) -> str:
    """A template with its placeholders filled in."""
    values = {"name": message.name or "", "event": message.original_event_name or ""}
    return re.sub(r"\{\{?(name|event)\}?\}", lambda found: values[found[1]], template)


def matching(
    message: Message, mixpanel: Mixpanel, action: str
) -> list[tuple[str, MixpanelMapping]]:
    """The enabled mappings of an action that a message fires, by name."""
    return [
        (mapping.name or f"mapping_{place}", mapping)
        for place, mapping in enumerate(mixpanel.mappings, start=1)
        if mapping.enabled and mapping.action == action and is_match(mapping.trigger, message)
    ]


def sent_events(message: Message, mixpanel: Mixpanel) -> list[Sent]:
    """The events of presets, then of products, then of mappings."""
    found = []
    own = own_properties(message.properties)
    event = preset_event(message, mixpanel)
    is_order = message.type == "track" and event == "Order Completed"
    if event is not None:
        found.append(Sent("order_completed" if is_order else message.type, event, own))
    names = [event]
    if is_order and mixpanel.explode_products:
        found += products(message)
    for name, mapping in matching(message, mixpanel, "track"):
        mapped = rendered(mapping.event_name, message)
        if mapped:
            properties = own
            if mapping.properties is not None:
                properties = own_properties(
                    {key: mapped_value(path, message) for key, path in mapping.properties.items()}
                )
            found.append(Sent(name, mapped, properties, is_repeated=mapped in names))
            names.append(mapped)
    return found


def products(message: Message) -> Iterator[Sent]:
    """One event per product of an order: the order's properties, then the product's."""
    listed = message.properties.get("products")
    order = {
        key: value
        for key, value in own_properties(message.properties).items()
        if key not in NOT_OF_PRODUCTS
    }
    for place, product in enumerate(listed if isinstance(listed, list) else [], start=1):
        known = product if isinstance(product, dict) else {}
        fields = {key: cut(known[key]) for key in OF_PRODUCTS if known.get(key) is not None}
        yield Sent("product_purchased", "Product Purchased", order | fields, place)


def mapped_value(path: str, message: Message) -> Any:
    """What a mapped path finds in the message as it was sent."""
    if path.startswith("="):
        return path[1:]
    path = path.removeprefix("$.")
    columns = {
        "event": message.original_event_name, "messageId": message.message_id,
        "userId": message.user_id, "name": message.name, "type": message.type,
    }  # fmt: skip
    return columns[path] if path in columns else message.at(path)


def group_id(message: Message, mixpanel: Mixpanel) -> str | None:
    """The trait that is the group key, else groupId."""
    return scalar_text(message.traits.get(mixpanel.group_key)) or message.group_id or None


def identity(message: Message, mixpanel: Mixpanel) -> tuple[str, str] | None:
    """The id that is known and the other one, of an identify call or an alias."""
    if message.type == "identify" and message.user_id and message.anonymous_id:
        return message.user_id, message.anonymous_id
    known = message.user_id or message.anonymous_id
    if message.type == "alias" and matching(message, mixpanel, "alias"):
        return (known, message.previous_id) if known and message.previous_id else None
    return None


def profile(message: Message, mixpanel: Mixpanel) -> tuple[str, Json] | None:
    """The profile that an identify or group call writes to, and its properties."""
    if not message.traits:
        return None
    if message.type == "group":
        found = group_id(message, mixpanel)
        return None if found is None else (found, profile_properties(message.traits, {}))
    if message.type == "identify" and mixpanel.people:
        return str(message.user_id or message.anonymous_id), profile_properties(
            message.traits, RENAMED
        )
    return None


def profile_properties(traits: Json, renamed: dict[str, str]) -> Json:
    """Traits under Mixpanel's names, which win over a trait that has such a name already."""
    named = {
        key: value
        for key, value in traits.items()
        if key not in renamed and key not in CREATED and key != "name"
    }
    first, last = scalar_text(traits.get("firstName")), scalar_text(traits.get("lastName"))
    full_name = f"{first} {last}" if first and last else None
    candidates: list[tuple[str, list[Any]]] = [
        *((name, [traits[key]]) for key, name in renamed.items() if key in traits),
        ("$created", [traits[key] for key in CREATED if key in traits]),
        ("$name", [*([traits["name"]] if "name" in traits else []), *filter(None, [full_name])]),
    ]
    for name, values in candidates:
        found = [*values, *([traits[name]] if name in traits else [])]
        if found:
            named[name] = next((value for value in found if value is not None), None)
    return named


def mixpanel_reason(message: Message, settings: OracleSettings) -> str | None:
    """Why Mixpanel makes nothing of a message that its connection lets pass."""
    mixpanel = mixpanel_of(settings)
    if sent_events(message, mixpanel):
        return None
    if message.type in ("track", "page", "screen"):
        return "event_name_missing"
    if message.type == "alias" and not matching(message, mixpanel, "alias"):
        return "no_trigger_match"
    if message.type == "group" and not message.traits:
        return "traits_missing"
    is_used = identity(message, mixpanel) or profile(message, mixpanel)
    return None if is_used else "nothing_to_send"
