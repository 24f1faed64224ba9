"""Which messages a vendor received through its Segment destination."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.mixpanel_calls import mixpanel_reason
from tests.warehouse.oracle.settings import Destination, Mixpanel, OracleSettings, Source
from tests.warehouse.oracle.split import split_reason
from tests.warehouse.oracle.triggers import is_match

INTEGRATION_NAMES = {
    "mutiny": ("Mutiny",),
    "mixpanel": ("Mixpanel", "Mixpanel (Actions)"),
    "split": ("Split",),
    "abmatic": ("Markettailor", "Abmatic"),
}
ACCEPTED_TYPES = {
    "mutiny": frozenset({"identify", "track"}),
    "abmatic": frozenset({"page", "identify", "track"}),
    "split": frozenset({"identify", "group", "track", "page", "screen"}),
    "mixpanel": frozenset({"identify", "track", "page", "screen", "group"}),
}


class DropReason(StrEnum):
    """Why a vendor did not receive a message; the first that holds."""

    INACTIVE = "destination_inactive"
    NOT_CONNECTED = "source_not_connected"
    REGION = "region_mismatch"
    CONSENT = "consent"
    INTEGRATIONS = "integrations_object"
    TYPE = "unsupported_type"
    INTEGRATION_OFF = "conversion_integration_off"


def drop_reason(message: Message, vendor: str, settings: OracleSettings) -> DropReason | None:
    """None when the vendor received the conversion, or has no Segment destination at all."""
    if vendor not in INTEGRATION_NAMES:
        return None
    destination = settings.destinations.get(vendor, Destination())
    source = settings.sources.get(message.source, Source())
    if destination.state != "active":
        return DropReason.INACTIVE
    is_listed = source.destinations is None or vendor in source.destinations
    if is_set_up(vendor, settings) and not is_listed:
        return DropReason.NOT_CONNECTED
    regions = {destination.region, source.region} - {None}
    if destination.enforce_region and len(regions) > 1:
        return DropReason.REGION
    if not has_consent(message.context, destination.consent_categories):
        return DropReason.CONSENT
    if not is_integration_on(message.integrations, INTEGRATION_NAMES[vendor]):
        return DropReason.INTEGRATIONS
    mixpanel = destination.mixpanel or Mixpanel()
    takes_aliases = vendor == "mixpanel" and any(
        mapping.enabled and mapping.action == "alias" for mapping in mixpanel.mappings
    )
    if message.type not in ACCEPTED_TYPES[vendor] | ({"alias"} if takes_aliases else set()):
        return DropReason.TYPE
    integrations = destination.conversion_integration
    if vendor == "abmatic" and integrations is not None and "segment" not in integrations:
        return DropReason.INTEGRATION_OFF
    return None


def is_set_up(vendor: str, settings: OracleSettings) -> bool:
    """Whether `destinations:` or a source names the destination."""
    return vendor in settings.destinations or any(
        vendor in (source.destinations or ()) for source in settings.sources.values()
    )


def abmatic_reason(message: Message, settings: OracleSettings) -> str | None:
    """Abmatic receives what lift.yml configures: conversions, refunds, its own campaigns."""
    triggers = [
        (trigger, conversion.sources)
        for conversion in settings.conversions
        for trigger in (conversion.trigger, conversion.refund)
    ]
    triggers += [
        (entry.trigger, entry.sources) for entry in settings.exposures if entry.adapter == "abmatic"
    ]
    is_configured = any(
        trigger is not None
        and (sources is None or message.source in sources)
        and is_match(trigger, message)
        for trigger, sources in triggers
    )
    return None if is_configured else "not_configured"


# What a destination itself asks of a message, once its connection lets it pass.
OWN_REASONS: dict[str, Callable[[Message, OracleSettings], str | None]] = {
    "abmatic": abmatic_reason,
    "mixpanel": mixpanel_reason,
    "split": split_reason,
}


def delivery_reason(message: Message, destination: str, settings: OracleSettings) -> str | None:
    """Why a destination that is set up did not receive a message; None if it did."""
    reason = drop_reason(message, destination, settings)
    if reason is not None:
        return reason.value
    own_reason = OWN_REASONS.get(destination)
    return None if own_reason is None else own_reason(message, settings)


def deliveries(messages: Iterable[Message], settings: OracleSettings) -> list[dict[str, Any]]:
    """One row per message and destination that is set up."""
    destinations = [name for name in INTEGRATION_NAMES if is_set_up(name, settings)]
    rows = []
    for message in messages:
        for destination in destinations:
            reason = delivery_reason(message, destination, settings)
            rows.append(
                {
                    "destination": destination,
                    "message_id": message.message_id,
                    "source": message.source,
                    "type": message.type,
                    "event_name": message.event_name,
                    "occurred_at": message.occurred_at,
                    "outcome": "delivered" if reason is None else "dropped",
                    "reason": reason,
                }
            )
    return rows


def has_consent(context: dict[str, Any], categories: tuple[str, ...]) -> bool:
    """Whether all categories are true; no consent object, or none with preferences, is no limit."""
    consent = context.get("consent")
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    if not isinstance(preferences, dict):
        return True
    return all(preferences.get(category) is True for category in categories)


def is_integration_on(integrations: dict[str, Any], names: tuple[str, ...]) -> bool:
    """`true` or an object is on, anything else off; absent falls to `All`, which is true."""
    present = [integrations[name] for name in names if name in integrations]
    if not present:
        present = [integrations.get("All", True)]
    return any(value is True or isinstance(value, dict) for value in present)
