"""The part of the configuration that the oracle understands, and its `lift.yml` twin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from tests.warehouse.oracle.entries import Entry, Trigger, UnitType, without_nulls, written_entry
from tests.warehouse.oracle.rules import (
    Compare,
    Count,
    Every,
    InAudience,
    Not,
    Rule,
    Segment,
    Some,
)

DEFAULT_BLOCKED = ("[0-]*", "-1", "null", "undefined", "anonymous")

Crossover = Literal["first", "ever_treated", "exclude"]
Scope = Literal["received", "all"]
Period = tuple[date, date | None]


@dataclass(frozen=True)
class Conversion:
    """One entry of `conversions:`; value, currency and distinct_by are dotted paths."""

    name: str
    trigger: Trigger
    main: bool = False
    window: timedelta = timedelta(days=7)
    value: str | None = None
    currency: str | None = None
    distinct_by: str | None = None
    refund: Trigger | None = None
    sources: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Source:
    """One entry of `sources:`; `destinations` None means connected to all."""

    id: str | None = None
    kind: str = "website"
    region: str | None = None
    destinations: tuple[str, ...] | None = None
    environment: str | None = None


@dataclass(frozen=True)
class MixpanelMapping:
    """One entry of Mixpanel's `mappings:`; properties None means all."""

    trigger: Trigger
    name: str | None = None
    action: str = "track"
    event_name: str = "{event}"
    properties: Mapping[str, str] | None = None
    enabled: bool = True


@dataclass(frozen=True)
class Mixpanel:
    """What `destinations.mixpanel` says beyond what every destination has."""

    group_key: str = "$group_id"
    people: bool = True
    page_event: str = "Viewed {name}"
    mappings: tuple[MixpanelMapping, ...] = ()
    explode_products: bool = True
    super_properties: str | tuple[str, ...] = "off"
    identity_merge: str = "simplified"
    mp_lib_prefix: str = "Segment: "


@dataclass(frozen=True)
class Destination:
    """One entry of `destinations:`."""

    state: str = "active"
    consent_categories: tuple[str, ...] = ()
    region: str | None = None
    enforce_region: bool = False
    conversion_integration: tuple[str, ...] | None = None  # of abmatic; None: segment
    options: Mapping[str, Any] = field(default_factory=dict)  # its own keys, as lift.yml has them
    mixpanel: Mixpanel | None = None  # of mixpanel: what it makes of messages


@dataclass(frozen=True)
class Audience:
    """One entry of `audiences:`."""

    name: str | None = None
    key: str | None = None

    @property
    def trait(self) -> str:
        """The key, which is the name in snake_case unless given."""
        words = re.findall(r"[A-Z]*[a-z0-9]+|[A-Z]+", self.name or "")
        return self.key or "_".join(words).lower()


@dataclass(frozen=True)
class CrmRow:
    """A row of the CRM's leads or contacts (`kind` lead or contact), for all times unless dated."""

    kind: str
    email: str
    fields: Mapping[str, Any]
    holds_from: datetime | None = None


@dataclass(frozen=True)
class OracleSettings:
    """Defaults are those of the documented configuration."""

    sources: Mapping[str, Source] = field(default_factory=dict)
    destinations: Mapping[str, Destination] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    merge_on_alias: bool = True
    merge_on_email: bool = False
    max_links: int = 100
    blocked: tuple[str, ...] = DEFAULT_BLOCKED
    excluded_user_agents: tuple[str, ...] = ("bot",)
    segment_aliases: Mapping[str, str] = field(default_factory=dict)
    periods: Mapping[str, tuple[Period, ...]] = field(default_factory=dict)
    expected_split: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    conversions: tuple[Conversion, ...] = ()
    audiences: tuple[Audience, ...] = ()
    segments: tuple[Segment, ...] = ()
    breakdowns: Mapping[str, str] = field(default_factory=dict)  # the column of each
    crm: tuple[CrmRow, ...] = ()  # of the oracle alone: no file is written
    crm_has_history: bool = False
    unit: UnitType = "person"
    exposures: tuple[Entry, ...] = (Entry(),)
    crossover: Crossover = "first"
    scope: Scope = "received"
    alpha: float = 0.05
    power: float = 0.8
    tuning_visitors: int = 5000
    srm_alpha: float = 0.001
    min_visitors: int = 100
    min_converters: int = 25
    cuped_lookback: timedelta = timedelta(days=14)
    winsorize: float | None = None
    prior_mean: float = 0.0
    prior_stddev: float = 0.3
    future_skew: timedelta = timedelta(minutes=5)

    def source_id(self, key: str) -> str:
        """The source's id, which defaults to its key."""
        source = self.sources.get(key)
        return source.id if source is not None and source.id is not None else key

    def source_kind(self, key: str) -> str | None:
        """The source's kind, None of a source that is not listed."""
        source = self.sources.get(key)
        return None if source is None else source.kind

    def unit_type(self, entry: Entry) -> UnitType:
        """What counts once by an entry: what it says, else what all have."""
        return entry.unit or self.unit

    @property
    def entries_by_vendor(self) -> dict[str, list[Entry]]:
        """The entries of each vendor, in order: the first that matches a message counts."""
        found: dict[str, list[Entry]] = {}
        for entry in self.exposures:
            found.setdefault(entry.vendor or entry.adapter, []).append(entry)
        return found

    def segment_name(self, sent: str | None) -> str:
        """What an audience segment is called from assignment on; without one, all are meant."""
        return "(all)" if sent is None else self.segment_aliases.get(sent, sent)

    @property
    def audience_keys(self) -> tuple[str, ...]:
        return tuple(audience.trait for audience in self.audiences)


def duration_text(duration: timedelta) -> str:
    """A duration as the configuration writes it: 7d, 36h, 90s."""
    seconds = int(duration.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def configuration(settings: OracleSettings, landing: str = "landing") -> dict[str, Any]:
    """The `lift.yml` (as a dict) that asks the warehouse for what `settings` asks the oracle."""
    return {
        "version": 1,
        "landing": landing,
        "sources": {key: _source(source) for key, source in settings.sources.items()},
        "destinations": {
            key: without_nulls(
                state=destination.state,
                consent_categories=list(destination.consent_categories) or None,
                region=destination.region,
                enforce_region=destination.enforce_region or None,
                conversion_integration=destination.conversion_integration,
                **_mixpanel(destination.mixpanel),
            )
            | dict(destination.options)
            for key, destination in settings.destinations.items()
        },
        "identity": {
            "merge_on_alias": settings.merge_on_alias,
            "merge_on_email": settings.merge_on_email,
            "max_links": settings.max_links,
            "blocked": list(settings.blocked),
        },
        "exclude": [
            f'contains(context.userAgent, "{text}")' for text in settings.excluded_user_agents
        ],
        "exposures": [written_entry(entry) for entry in settings.exposures],
        "experiences": {
            "segment_aliases": dict(settings.segment_aliases),
            "expected_split": {key: dict(split) for key, split in settings.expected_split.items()},
            "periods": {
                key: [without_nulls(**{"from": start, "to": end}) for start, end in periods]
                for key, periods in settings.periods.items()
            },
        },
        "conversions": [_conversion(conversion) for conversion in settings.conversions],
        "audiences": [without_nulls(**vars(audience)) for audience in settings.audiences],
        "segments": [
            {"name": segment.name, **_rule(segment.rule)} for segment in settings.segments
        ],
        "breakdowns": list(settings.breakdowns),
        "statistics": {
            "unit": settings.unit,
            "crossover": settings.crossover,
            "scope": settings.scope,
            "alpha": settings.alpha,
            "power": settings.power,
            "tuning_visitors": settings.tuning_visitors,
            "srm_alpha": settings.srm_alpha,
            "min_visitors": settings.min_visitors,
            "min_converters": settings.min_converters,
            "cuped_lookback": duration_text(settings.cuped_lookback),
            "winsorize": settings.winsorize,
            "prior": {"mean": settings.prior_mean, "stddev": settings.prior_stddev},
        },
        "naming": {"aliases": dict(settings.aliases)},
        "quality": {"future_skew": duration_text(settings.future_skew), "max_rejected_share": 1.0},
    }


def _mixpanel(mixpanel: Mixpanel | None) -> dict[str, Any]:
    if mixpanel is None:
        return {}
    listed = mixpanel.super_properties
    return {
        **vars(mixpanel),
        "super_properties": listed if isinstance(listed, str) else list(listed),
        "mappings": [
            without_nulls(
                **vars(mapping)
                | {
                    "trigger": mapping.trigger.text(),
                    "properties": None if mapping.properties is None else {**mapping.properties},
                }
            )
            for mapping in mixpanel.mappings
        ],
    }


def _source(source: Source) -> dict[str, Any]:
    destinations = None if source.destinations is None else list(source.destinations)
    return without_nulls(
        id=source.id,
        kind=source.kind,
        region=source.region,
        destinations=destinations,
        environment=source.environment,
    )


def _conversion(conversion: Conversion) -> dict[str, Any]:
    return without_nulls(
        name=conversion.name,
        trigger=conversion.trigger.text(),
        main=conversion.main,
        window=duration_text(conversion.window),
        value=conversion.value,
        currency=conversion.currency,
        distinct_by=conversion.distinct_by,
        refund=None if conversion.refund is None else conversion.refund.text(),
        sources=None if conversion.sources is None else list(conversion.sources),
    )


def _rule(rule: Rule) -> dict[str, Any]:
    match rule:
        case Every(rules):
            return {"all": [_rule(inner) for inner in rules]}
        case Some(rules):
            return {"any": [_rule(inner) for inner in rules]}
        case Not(inner):
            return {"not": _rule(inner)}
        case InAudience(key):
            return {"audience": key}
        case Compare(kind, name, op, value):
            return {kind: name, "op": op, "value": list(value) if op == "in" else value}
        case Count(trigger, op, count, within):
            return without_nulls(
                event=trigger.text(),
                op=op,
                count=count,
                within=None if within is None else duration_text(within),
            )
