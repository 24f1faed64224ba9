"""Which messages a vendor received through its Segment destination."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.settings import Destination, OracleSettings, Source

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
    is_named = vendor in settings.destinations or any(
        vendor in (source.destinations or ()) for source in settings.sources.values()
    )
    destination = settings.destinations.get(vendor, Destination())
    source = settings.sources.get(message.source, Source())
    if destination.state != "active":
        return DropReason.INACTIVE
    if is_named and source.destinations is not None and vendor not in source.destinations:
        return DropReason.NOT_CONNECTED
    regions = {destination.region, source.region} - {None}
    if destination.enforce_region and len(regions) > 1:
        return DropReason.REGION
    if not has_consent(message.context, destination.consent_categories):
        return DropReason.CONSENT
    if not is_integration_on(message.integrations, INTEGRATION_NAMES[vendor]):
        return DropReason.INTEGRATIONS
    if message.type not in ACCEPTED_TYPES[vendor]:
        return DropReason.TYPE
    integrations = destination.conversion_integration
    if vendor == "abmatic" and integrations is not None and "segment" not in integrations:
        return DropReason.INTEGRATION_OFF
    return None


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
