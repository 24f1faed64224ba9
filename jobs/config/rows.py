"""Makes the settings into the rows of `raw.config_*`."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from jobs.config.exposures import ExposureEntry, SplitExposures, UnitKind, entry_vendor
from jobs.config.model import Settings
from jobs.config.rules import compile_segments
from jobs.config.sources import DESTINATION_NAMES, DestinationName
from jobs.config.spellings import event_spellings
from jobs.config.tables import (
    ConfigAudience,
    ConfigConversion,
    ConfigDestination,
    ConfigEventAlias,
    ConfigEventSpelling,
    ConfigExpectedEvent,
    ConfigExpectedSplit,
    ConfigExposureEntry,
    ConfigMixpanelMapping,
    ConfigPeriod,
    ConfigPredicate,
    ConfigReportedTotal,
    ConfigRow,
    ConfigSegmentAlias,
    ConfigSegmentRule,
    ConfigSource,
    ConfigSourceKey,
    ConfigSplitBaseline,
    ConfigTrigger,
    ConfigVendorUnit,
)
from jobs.config.triggers import compile_triggers

_LARGEST = 2**63 - 1
# What Segment calls the destination of a vendor, and the calls that it accepts.
_INTEGRATIONS: dict[DestinationName, list[str]] = {
    "mutiny": ["Mutiny"],
    "abmatic": ["Markettailor", "Abmatic"],
    "split": ["Split"],
    "mixpanel": ["Mixpanel", "Mixpanel (Actions)"],
}
_ACCEPTED_TYPES: dict[DestinationName, list[str]] = {
    "mutiny": ["identify", "track"],
    "abmatic": ["page", "identify", "track"],
    "split": ["identify", "group", "track", "page", "screen"],
    "mixpanel": ["identify", "track", "page", "screen", "group"],
}


def configuration_rows(settings: Settings) -> dict[type[ConfigRow], Sequence[ConfigRow]]:
    """Return the rows of every table, by their type."""
    segments = compile_segments(settings.segments, settings.crm, settings.audiences)
    rows: dict[type[ConfigRow], Iterable[ConfigRow]] = {
        ConfigSource: (
            ConfigSource(key, source.kind, source.environment, source.region,
                         None if source.destinations is None else [*source.destinations])
            for key, source in settings.sources.items()
        ),
        ConfigSourceKey: (
            ConfigSourceKey(name, key)
            for name, key in {
                name: key for key in settings.sources for name in (settings.source_id(key), key)
            }.items()
        ),
        ConfigDestination: (_destination(settings, name) for name in DESTINATION_NAMES),
        ConfigExposureEntry: _entries(settings),
        ConfigSplitBaseline: (
            ConfigSplitBaseline(number, experience, treatment)
            for number, entry in enumerate(settings.exposures)
            if isinstance(entry, SplitExposures)
            for experience, treatment in ({"*": "off"} | entry.baseline).items()
        ),
        ConfigVendorUnit: _vendor_units(settings),
        ConfigConversion: (
            ConfigConversion(
                conversion.name,
                is_main=conversion is settings.main_conversion,
                has_value=conversion.value is not None,
                window_seconds=_seconds(conversion.window),
            )
            for conversion in settings.conversions
        ),
        ConfigTrigger: (
            ConfigTrigger(
                number, trigger.kind, trigger.conversion, trigger.entry,
                _source_keys(trigger.sources, settings),
            )
            for number, trigger in enumerate(compile_triggers(settings))
        ),
        ConfigMixpanelMapping: _mixpanel_mappings(settings),
        ConfigExpectedEvent: dict.fromkeys(_expected_events(settings)),
        ConfigEventAlias: (
            ConfigEventAlias(*names) for names in settings.naming.aliases.items()
        ),
        ConfigEventSpelling: (
            ConfigEventSpelling(*names) for names in event_spellings(settings).items()
        ),
        ConfigPeriod: (
            ConfigPeriod(experience, period.from_date, period.to_date)
            for experience, periods in settings.experiences.periods.items()
            for period in periods
        ),
        ConfigSegmentAlias: (
            ConfigSegmentAlias(*names)
            for names in settings.experiences.segment_aliases.items()
        ),
        ConfigExpectedSplit: (
            ConfigExpectedSplit(experience, split_key, share)
            for experience, shares in settings.experiences.expected_split.items()
            for split_key, share in shares.items()
        ),
        ConfigReportedTotal: settings.reported_totals,
        ConfigAudience: (
            ConfigAudience(trait)
            for trait in dict.fromkeys(audience.trait for audience in settings.audiences)
        ),
        ConfigSegmentRule: (
            ConfigSegmentRule(
                rule["name"], rule["chunk"], 1 << rule["bit"],
                rule["is_default"], rule["is_retrospective"],
            )
            for rule in segments["rules"]
        ),
        ConfigPredicate: (
            _predicate(number, predicate) for number, predicate in enumerate(segments["predicates"])
        ),
    }  # fmt: skip
    return {row_type: list(found) for row_type, found in rows.items()}


def _destination(settings: Settings, name: DestinationName) -> ConfigDestination:
    destination = settings.destinations.named(name)
    # Mixpanel takes aliases as soon as a mapping makes something of them.
    takes_aliases = name == "mixpanel" and any(
        mapping.enabled and mapping.action == "alias"
        for mapping in settings.destinations.mixpanel.mappings
    )
    return ConfigDestination(
        vendor=name,
        is_named=settings.names_destination(name),
        state=destination.state,
        is_active=destination.state == "active",
        region=destination.region,
        is_region_enforced=destination.enforce_region,
        integration_names=_INTEGRATIONS[name],
        accepted_types=_ACCEPTED_TYPES[name] + ["alias"] * takes_aliases,
        consent_categories=list(destination.consent_categories),
        counts_conversions=name != "abmatic"
        or "segment" in settings.destinations.abmatic.conversion_integration,
    )


def unit_type(entry: ExposureEntry, settings: Settings) -> UnitKind:
    """Return the type of unit of an entry: its own, else that of all."""
    return entry.unit or settings.statistics.unit


def _entries(settings: Settings) -> Iterator[ConfigExposureEntry]:
    for number, entry in enumerate(settings.exposures):
        yield ConfigExposureEntry(
            number,
            entry.adapter,
            entry_vendor(entry),
            unit_type(entry, settings),
            control_variants=list(getattr(entry, "control_variants", ())),
        )


def _vendor_units(settings: Settings) -> Iterator[ConfigVendorUnit]:
    vendors: dict[str, dict[UnitKind, None]] = {}
    for entry in settings.exposures:
        vendors.setdefault(entry_vendor(entry), {})[unit_type(entry, settings)] = None
    for vendor, types in vendors.items():
        for number, kind in enumerate(types):
            yield ConfigVendorUnit(vendor, kind, number, f"{kind}:" if len(types) > 1 else "")


def _mixpanel_mappings(settings: Settings) -> Iterator[ConfigMixpanelMapping]:
    mixpanel = settings.destinations.mixpanel
    for number, trigger in enumerate(compile_triggers(settings)):
        if (place := trigger.mapping) is not None:
            action = mixpanel.mappings[place].action
            yield ConfigMixpanelMapping(number, place + 1, mixpanel.mapping_names[place], action)


def _expected_events(settings: Settings) -> Iterator[ConfigExpectedEvent]:
    for conversion in settings.conversions:
        for name in conversion.trigger.expected_names():
            yield ConfigExpectedEvent(conversion.name, name)
    for entry in settings.exposures:
        trigger = getattr(entry, "trigger", None)
        for name in () if trigger is None else trigger.expected_names():
            yield ConfigExpectedEvent(f"exposures: {entry_vendor(entry)}", name)


def _predicate(number: int, predicate: dict[str, Any]) -> ConfigPredicate:
    bound = predicate.get("bound")
    return ConfigPredicate(
        number,
        predicate["chunk"],
        1 << predicate["bit"],
        predicate["kind"],
        predicate["name"],
        predicate.get("value_kind"),
        predicate.get("measure"),
        predicate.get("within_seconds"),
        predicate.get("operator"),
        # No total goes past a BIGINT.
        None if bound is None else max(-_LARGEST, min(bound, _LARGEST)),
    )


def _source_keys(names: Iterable[str] | None, settings: Settings) -> list[str] | None:
    return None if names is None else [settings.source_key(name) for name in names]


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())
