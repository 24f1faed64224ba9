"""The mistakes that no single key shows: names used twice, unknown references, old event names."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.storage.urls import SCHEMES
from jobs.config.base import did_you_mean, find_all
from jobs.config.exposures import ExposureEntry, entry_vendor
from jobs.config.model import Settings
from jobs.config.places import find_overlaps
from jobs.config.problems import Location, Mistake
from jobs.config.rules import TooManyPredicatesError, compile_segments
from jobs.config.segments import Comparison, ContactPredicate, CrmSettings, LeadPredicate
from jobs.config.values import LiteralText
from jobs.fql import Trigger

RESERVED_NAMES = {
    "(all)": "all audience segments",
    "(none)": "no value",
    "(other)": "all other values",
}
# What Mixpanel's own mappings are called in mixpanel_events.
PRESETS = ("track", "order_completed", "product_purchased", "page", "screen")
_ENDPOINT = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")


def find_mistakes(
    settings: Settings, data: Mapping[str, Any], environment: Mapping[str, str]
) -> Iterator[Mistake]:
    """Yield what is wrong across keys.

    `data` is the file as it was read: a name in it is known even if what it names is wrong.
    """
    yield from _reused_names(settings)
    yield from _idle_exposures(settings)
    yield from _reserved_names(settings)
    yield from _references(settings, data)
    yield from _crm_fields(settings, data)
    yield from _too_many_predicates(settings)
    yield from _mapping_names(settings)
    yield from _old_event_names(settings)
    yield from _idle_totals(settings)
    yield from _environment(settings, environment)
    yield from find_overlaps(settings, data)


def _reused_names(settings: Settings) -> Iterator[Mistake]:
    for section, key, names in (
        ("conversions", "name", [conversion.name for conversion in settings.conversions]),
        ("segments", "name", [segment.name for segment in settings.segments]),
        ("audiences", "key", [audience.trait for audience in settings.audiences]),
        ("breakdowns", None, [breakdown.column for breakdown in settings.breakdowns]),
    ):
        first: dict[str, int] = {}
        for index, name in enumerate(names):
            if first.setdefault(name, index) != index:
                other = f"{section}[{first[name]}]"
                if key is None:
                    yield (section, index), f"repeats {other}; remove one of the two"
                else:
                    message = f"reuses the {key} '{name}' of {other}; rename one of them"
                    yield (section, index, key), message
    segments: dict[str, str] = {}
    for index, segment in enumerate(settings.segments):
        if (other := segments.setdefault(segment.key, segment.name)) != segment.name:
            message = f"becomes the key {segment.key}, as '{other}' does; rename one of them"
            yield ("segments", index, "name"), message
    mains = [index for index, conversion in enumerate(settings.conversions) if conversion.main]
    for index in mains[1:]:
        message = f"marks a second main conversion after conversions[{mains[0]}]; keep one"
        yield ("conversions", index, "main"), message
    ids = {key: key for key in settings.sources}
    for key, source in settings.sources.items():
        if source.id is not None and (owner := ids.setdefault(source.id, key)) != key:
            message = f"reuses '{source.id}', which means the source {owner}; rename one of them"
            yield ("sources", key, "id"), message


def _mapping_names(settings: Settings) -> Iterator[Mistake]:
    section = ("destinations", "mixpanel", "mappings")
    owners = dict.fromkeys(PRESETS, "a preset")
    for index, name in enumerate(settings.destinations.mixpanel.mapping_names):
        other = owners.setdefault(name, f"mappings[{index}]")
        if other != f"mappings[{index}]":
            yield (*section, index, "name"), f"reuses the name '{name}' of {other}; rename it"


def _idle_exposures(settings: Settings) -> Iterator[Mistake]:
    """Find entries that can never match, because an earlier one takes all their messages."""
    for index, entry in enumerate(settings.exposures):
        for other, earlier in enumerate(settings.exposures[:index]):
            if _takes_all_of(earlier, entry, settings):
                yield (
                    ("exposures", index),
                    f"never matches, because exposures[{other}] takes all its messages;"
                    " remove it, or give the two different sources or units",
                )
                break


def _takes_all_of(earlier: ExposureEntry, entry: ExposureEntry, settings: Settings) -> bool:
    def what(each: ExposureEntry) -> tuple[str, str, Trigger | None]:
        return entry_vendor(each), each.adapter, getattr(each, "trigger", None)

    def sources(each: ExposureEntry) -> set[str] | None:
        return None if each.sources is None else set(map(settings.source_key, each.sources))

    units = [each.unit or settings.statistics.unit for each in (earlier, entry)]
    wider, narrower = sources(earlier), sources(entry)
    return (
        what(earlier) == what(entry)
        and units[0] in ("person", units[1])  # every exposure has a person
        and (wider is None or (narrower is not None and narrower <= wider))
    )


def _reserved_names(settings: Settings) -> Iterator[Mistake]:
    """Find names that published tables use for something else."""
    names: list[tuple[Location, str]] = []
    for section in ("exposures", "experiences"):
        values = getattr(settings, section)
        names += find_all(values, str, (section,))
        literals = find_all(values, LiteralText, (section,))
        names += [(location, literal.value) for location, literal in literals]
    for section in ("conversions", "segments"):
        entries = enumerate(getattr(settings, section))
        names += [((section, index, "name"), entry.name) for index, entry in entries]
    for location, name in names:
        if name in RESERVED_NAMES:
            meaning = RESERVED_NAMES[name]
            message = f"uses '{name}', which means {meaning} in published tables; rename it"
            yield location, message


def _references(settings: Settings, data: Mapping[str, Any]) -> Iterator[Mistake]:
    keys = [*settings.sources, *_declared(data, "sources")]
    known = {*keys, *(settings.source_id(key) for key in settings.sources)}
    for section in ("exposures", "conversions"):
        for index, entry in enumerate(getattr(settings, section)):
            for position, source in enumerate(entry.sources or ()):
                if known and source not in known:
                    message = f"names the unknown source '{source}'"
                    remedy = did_you_mean(source, settings.sources)
                    yield (section, index, "sources", position), f"{message}; {remedy}"
    segments = [
        *(segment.name for segment in settings.segments),
        *_declared(data, "segments"),
        *(audience.trait for audience in settings.audiences),
    ]
    for index, breakdown in enumerate(settings.breakdowns):
        if breakdown.segment is not None and breakdown.segment not in segments:
            remedy = did_you_mean(breakdown.segment, segments)
            yield (
                ("breakdowns", index),
                f"names the unknown segment '{breakdown.segment}'; {remedy}",
            )


def _declared(data: Mapping[str, Any], section: str) -> list[str]:
    """Return the names in a section, whatever is wrong with what they name."""
    declared = data.get(section)
    if isinstance(declared, dict):
        return list(declared)
    entries = declared if isinstance(declared, list) else []
    names = [entry.get("name") for entry in entries if isinstance(entry, dict)]
    return [name for name in names if isinstance(name, str)]


def _crm_fields(settings: Settings, data: Mapping[str, Any]) -> Iterator[Mistake]:
    if data.get("crm") and settings.crm == CrmSettings():
        return  # the whole section is wrong, and that is reported already
    for location, predicate in find_all(settings.segments, Comparison, ("segments",)):
        if isinstance(predicate, LeadPredicate | ContactPredicate):
            field, known = predicate.name, getattr(settings.crm.fields, predicate.kind)
            if field not in known:
                listed = f"crm.fields.{predicate.kind}"
                remedy = did_you_mean(field, known) if known else f"add it to {listed}"
                yield (
                    (*location, predicate.kind),
                    f"names '{field}', which is not in {listed}; {remedy}",
                )


def _too_many_predicates(settings: Settings) -> Iterator[Mistake]:
    for index, segment in enumerate(settings.segments):
        try:
            compile_segments((segment,), settings.crm)
        except TooManyPredicatesError as error:
            yield ("segments", index), str(error)


def _old_event_names(settings: Settings) -> Iterator[Mistake]:
    aliases = settings.naming.aliases
    for location, trigger in find_all(settings, Trigger):
        for name, column in trigger.named_events():
            if name in aliases:
                message = f"uses the old event name '{name}' at column {column}"
                yield location, f"{message}; write '{aliases[name]}'"


def _idle_totals(settings: Settings) -> Iterator[Mistake]:
    """Find reported totals that nothing is compared with."""
    for vendor in settings.reconcile:
        if not settings.names_destination(vendor):
            message = f"compares with {vendor}, which is not set up; add it under destinations"
            yield ("reconcile", vendor), message
        elif vendor not in map(entry_vendor, settings.exposures):
            message = f"compares with {vendor}, which no entry of exposures is of; add one"
            yield ("reconcile", vendor), message


def _environment(settings: Settings, environment: Mapping[str, str]) -> Iterator[Mistake]:
    variable = settings.privacy.hash_key_env
    if settings.privacy.hash and not environment.get(variable, "").strip():
        message = f"names the environment variable {variable}, which is not set"
        yield ("privacy", "hash_key_env"), f"{message}; set it to the key of privacy.hash"
    # The library of object storage breaks down on an endpoint that is not a URL.
    scheme = SCHEMES.get(settings.landing.partition("://")[0])
    for variable in scheme.endpoints if scheme else ():
        if variable in environment and not _ENDPOINT.fullmatch(environment[variable]):
            yield (
                ("landing",),
                f"is read through {variable}, whose value is not a URL;"
                " set it to one such as https://storage.example.com, or unset it",
            )
