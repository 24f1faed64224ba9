"""The mistakes no single key shows: clashing names, references to nothing, retired event names."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from ingest.storage.urls import SCHEMES
from jobs.config.base import did_you_mean
from jobs.config.exposures import (
    AbmaticExposures,
    CustomExposures,
    ExposureEntry,
    entry_vendor,
)
from jobs.config.model import Settings
from jobs.config.places import find_overlaps
from jobs.config.problems import Location
from jobs.config.reserved import reserved_names
from jobs.config.rules import TooManyPredicatesError, compile_segments
from jobs.config.segments import (
    AllPredicate,
    AnyPredicate,
    ContactPredicate,
    CrmSettings,
    EventPredicate,
    LeadPredicate,
    NotPredicate,
    Predicate,
)
from jobs.fql import Trigger

Mistake = tuple[Location, str]

_ENDPOINT = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")


def find_mistakes(
    settings: Settings, data: Mapping[str, Any], environment: Mapping[str, str]
) -> Iterator[Mistake]:
    """Yield what is wrong across keys.

    `data` is the file as it was read: a name that stands there counts even if its value is wrong.
    """
    yield from _duplicates(settings)
    yield from _idle_entries(settings)
    yield from reserved_names(settings)
    yield from _sources(settings)
    yield from _references(settings, data)
    yield from _crm_fields(settings, data)
    yield from _rules(settings)
    yield from _retired_event_names(settings)
    yield from _hash_key(settings, environment)
    yield from _endpoint(settings, environment)
    yield from find_overlaps(settings, data)


def _duplicates(settings: Settings) -> Iterator[Mistake]:
    for section, key, names in (
        ("conversions", "name", [conversion.name for conversion in settings.conversions]),
        ("segments", "name", [segment.name for segment in settings.segments]),
        ("audiences", "key", [audience.trait for audience in settings.audiences]),
        ("breakdowns", None, [breakdown.column for breakdown in settings.breakdowns]),
    ):
        first: dict[str, int] = {}
        for index, name in enumerate(names):
            if first.setdefault(name, index) != index:
                location: Location = (section, index) if key is None else (section, index, key)
                yield location, f"'{name}' stands in {section}[{first[name]}] already; keep one"
    yield from _shared_keys(settings)
    mains = [index for index, conversion in enumerate(settings.conversions) if conversion.main]
    for index in mains[1:]:
        main = settings.conversions[mains[0]].name
        yield ("conversions", index, "main"), f"'{main}' is the main conversion already; keep one"


def _shared_keys(settings: Settings) -> Iterator[Mistake]:
    """Find segments whose changes could not be told apart."""
    first: dict[str, str] = {}
    for index, segment in enumerate(settings.segments):
        other = first.setdefault(segment.key, segment.name)
        if other != segment.name:
            message = f"'{segment.name}' is told as {segment.key}, as '{other}' is; rename one"
            yield ("segments", index, "name"), message


def _idle_entries(settings: Settings) -> Iterator[Mistake]:
    """Find entries of `exposures` that can never match: an earlier one takes all they could."""
    for index, entry in enumerate(settings.exposures):
        for other, earlier in enumerate(settings.exposures[:index]):
            if _takes_all_of(earlier, entry, settings):
                yield (
                    ("exposures", index, "adapter"),
                    f"exposures[{other}] takes every message that this entry could match;"
                    " remove it, or give the two other sources or units",
                )
                break


def _takes_all_of(earlier: ExposureEntry, entry: ExposureEntry, settings: Settings) -> bool:
    triggers, units, sources = (
        [getattr(each, "trigger", None) for each in (earlier, entry)],
        [each.unit or settings.statistics.unit for each in (earlier, entry)],
        [
            None if each.sources is None else {settings.source_key(name) for name in each.sources}
            for each in (earlier, entry)
        ],
    )
    return (
        entry_vendor(earlier) == entry_vendor(entry)
        and earlier.adapter == entry.adapter
        and triggers[0] == triggers[1]
        and units[0] in ("person", units[1])  # of a person is every exposure
        and (sources[0] is None or (sources[1] is not None and sources[1] <= sources[0]))
    )


def _sources(settings: Settings) -> Iterator[Mistake]:
    known: dict[str, str] = {}  # id or key -> key
    for key in settings.sources:
        known[key] = key
    for key, source in settings.sources.items():
        if source.id is not None and known.setdefault(source.id, key) != key:
            message = f"'{source.id}' is the source {known[source.id]} already; correct one of them"
            yield ("sources", key, "id"), message


def _references(settings: Settings, data: Mapping[str, Any]) -> Iterator[Mistake]:
    keys = [*settings.sources, *_declared(data, "sources")]
    known = {*keys, *(settings.source_id(key) for key in settings.sources)}
    for section, lists in (
        ("exposures", [entry.sources for entry in settings.exposures]),
        ("conversions", [conversion.sources for conversion in settings.conversions]),
    ):
        for index, sources in enumerate(lists):
            for position, source in enumerate(sources or ()):
                if known and source not in known:
                    remedy = did_you_mean(source, settings.sources)
                    message = f"the source '{source}' is unknown; {remedy}"
                    yield (section, index, "sources", position), message
    segments = [
        *(segment.name for segment in settings.segments),
        *_declared(data, "segments"),
        *(audience.trait for audience in settings.audiences),
    ]
    for index, breakdown in enumerate(settings.breakdowns):
        if breakdown.segment is not None and breakdown.segment not in segments:
            remedy = did_you_mean(breakdown.segment, segments)
            yield ("breakdowns", index), f"the segment '{breakdown.segment}' is unknown; {remedy}"


def _declared(data: Mapping[str, Any], section: str) -> list[str]:
    """Return the names that stand in a section, whatever is wrong with what they name."""
    declared = data.get(section)
    if isinstance(declared, dict):
        return list(declared)
    entries = declared if isinstance(declared, list) else []
    names = [entry.get("name") for entry in entries if isinstance(entry, dict)]
    return [name for name in names if isinstance(name, str)]


def _crm_fields(settings: Settings, data: Mapping[str, Any]) -> Iterator[Mistake]:
    if data.get("crm") and settings.crm == CrmSettings():
        return  # The section is wrong as a whole, which is said already.
    for location, predicate in _predicates(settings):
        if isinstance(predicate, LeadPredicate):
            kind, field, known = "lead", predicate.lead, settings.crm.fields.lead
        elif isinstance(predicate, ContactPredicate):
            kind, field, known = "contact", predicate.contact, settings.crm.fields.contact
        else:
            continue
        if field not in known:
            remedy = did_you_mean(field, known) if known else f"add it to crm.fields.{kind}"
            yield (*location, kind), f"'{field}' is not in crm.fields.{kind}; {remedy}"


def _rules(settings: Settings) -> Iterator[Mistake]:
    for index, segment in enumerate(settings.segments):
        try:
            compile_segments((segment,), settings.crm)
        except TooManyPredicatesError as error:
            yield ("segments", index), str(error)


def _retired_event_names(settings: Settings) -> Iterator[Mistake]:
    aliases = settings.naming.aliases
    for location, trigger in _triggers(settings):
        for name, column in trigger.named_events():
            if name in aliases:
                yield (
                    location,
                    f"'{name}' at column {column} is an old name; write '{aliases[name]}'",
                )


def _hash_key(settings: Settings, environment: Mapping[str, str]) -> Iterator[Mistake]:
    variable = settings.privacy.hash_key_env
    if settings.privacy.hash and not environment.get(variable, "").strip():
        yield (
            ("privacy", "hash_key_env"),
            f"the environment variable {variable} is not set; set it to the key of privacy.hash",
        )


def _endpoint(settings: Settings, environment: Mapping[str, str]) -> Iterator[Mistake]:
    """Find an endpoint that is no URL, which the library of object storage breaks down on."""
    scheme = SCHEMES.get(settings.landing.partition("://")[0])
    for variable in scheme.endpoints if scheme else ():
        if variable in environment and not _ENDPOINT.fullmatch(environment[variable]):
            yield (
                ("landing",),
                f"the environment variable {variable} is no URL;"
                " set it to one such as https://storage.example.com, or unset it",
            )


def _triggers(settings: Settings) -> Iterator[tuple[Location, Trigger]]:
    for index, trigger in enumerate(settings.exclude):
        yield ("exclude", index), trigger
    for index, entry in enumerate(settings.exposures):
        if isinstance(entry, AbmaticExposures | CustomExposures):
            yield ("exposures", index, "trigger"), entry.trigger
    for index, conversion in enumerate(settings.conversions):
        yield ("conversions", index, "trigger"), conversion.trigger
        if conversion.refund is not None:
            yield ("conversions", index, "refund"), conversion.refund
    for index, mapping in enumerate(settings.destinations.mixpanel.mappings):
        yield ("destinations", "mixpanel", "mappings", index, "trigger"), mapping.trigger
    for location, predicate in _predicates(settings):
        if isinstance(predicate, EventPredicate):
            yield (*location, "event"), predicate.event


def _predicates(settings: Settings) -> Iterator[tuple[Location, Predicate]]:
    return chain.from_iterable(
        _nested(segment.rule, ("segments", index))
        for index, segment in enumerate(settings.segments)
    )


def _nested(predicate: Predicate, location: Location) -> Iterator[tuple[Location, Predicate]]:
    inner: Iterable[tuple[Location, Predicate]] = ()
    match predicate:
        case AllPredicate():
            inner = (((*location, "all", i), part) for i, part in enumerate(predicate.all))
        case AnyPredicate():
            inner = (((*location, "any", i), part) for i, part in enumerate(predicate.any))
        case NotPredicate():
            inner = [((*location, "not"), predicate.negated)]
        case _:
            yield location, predicate
    for where, part in inner:
        yield from _nested(part, where)
