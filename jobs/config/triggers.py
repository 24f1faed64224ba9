"""Compiles what a message may fire: triggers of conversions, refunds, exposures and mappings.

Each is SQL over a message, beside SQL for what its paths read. The entries of built-in adapters
have the trigger and the paths that their vendor's specification gives them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from jobs.config.destinations import MappingSettings
from jobs.config.experiences import ConversionSettings
from jobs.config.exposures import AbmaticExposures, CustomExposures, ExposureEntry
from jobs.config.model import Settings
from jobs.config.templates import template_sql
from jobs.config.values import LiteralText
from jobs.fql import MessagePath, compile_path, compile_trigger
from jobs.fql.dialect import text_literal

TriggerKind = Literal["conversion", "refund", "exposure", "mapping"]

_EVENTS = {
    "mutiny": "Mutiny Experience Viewed",
    "split": "get_treatment",
    "segment_experiment": "Experiment Viewed",
}
_EXPERIMENT_NAMES = ("experiment_name", "experimentName")
_EXPERIMENT_IDS = ("experiment_id", "experimentId", "experimentID")
_VARIATION_NAMES = ("variation_name", "variationName", "variant_name", "variantName")
_VARIATION_IDS = ("variation_id", "variationId", "variationID", "variant_id", "variantId")


@dataclass(frozen=True, slots=True)
class CompiledTrigger:
    """A trigger with its conversion, its entry of `exposures:` or its place among the mappings.

    `reads` maps a column to SQL.
    """

    kind: TriggerKind
    conversion: str | None
    entry: int | None
    sources: tuple[str, ...] | None
    sql: str
    reads: dict[str, str]
    mapping: int | None = None


def compile_triggers(settings: Settings) -> list[CompiledTrigger]:
    """Return the triggers in the order of lift.yml; their places are their numbers."""
    found = [
        compiled
        for conversion in settings.conversions
        for compiled in _conversion_triggers(conversion)
    ]
    found += [
        CompiledTrigger(
            "exposure", None, number, entry.sources, _entry_trigger(entry), _entry_reads(entry)
        )
        for number, entry in enumerate(settings.exposures)
    ]
    found += [
        CompiledTrigger(
            "mapping", None, None, None,
            compile_trigger(mapping.trigger), _mapping_reads(mapping), place,
        )
        for place, mapping in enumerate(settings.destinations.mixpanel.mappings)
        if mapping.enabled
    ]  # fmt: skip
    return found


def _mapping_reads(mapping: MappingSettings) -> dict[str, str]:
    if mapping.action == "alias":
        return {}
    reads = {"mapped_event": template_sql(mapping.event_name)}
    if mapping.properties != "all":
        members = (
            f"{text_literal(key)}, {_mapped_json(value)}::json"
            for key, value in mapping.properties.items()
        )
        reads["mapped_properties"] = f"json_object({', '.join(members)})::varchar"
    return reads


def _mapped_json(value: MessagePath | LiteralText) -> str:
    if isinstance(value, LiteralText):
        return f"to_json({value.text_sql()})"
    # A vendor knows nothing of naming.aliases.
    return "to_json(original_event_name)" if value.text == "event" else value.json_sql()


def _conversion_triggers(conversion: ConversionSettings) -> Iterator[CompiledTrigger]:
    reads = {}
    if conversion.value is not None:
        reads["value_units"] = conversion.value.units_sql()
        reads["value_kind"] = conversion.value.type_sql()
    if conversion.currency is not None:
        reads["currency"] = conversion.currency.text_sql(reads_booleans=False)
    if conversion.distinct_by is not None:
        reads["distinct_value"] = conversion.distinct_by.text_sql()
    sql = compile_trigger(conversion.trigger)
    if conversion.refund is not None:
        refund = f"coalesce({compile_trigger(conversion.refund)}, false)"
        yield CompiledTrigger("refund", conversion.name, None, conversion.sources, refund, reads)
        # What is taken back is not made as well.
        sql = f"({sql}) and not {refund}"
    yield CompiledTrigger("conversion", conversion.name, None, conversion.sources, sql, reads)


def _entry_trigger(entry: ExposureEntry) -> str:
    if isinstance(entry, AbmaticExposures | CustomExposures):
        return compile_trigger(entry.trigger)
    return f"type = 'track' and event_name = '{_EVENTS[entry.adapter]}'"


def _entry_reads(entry: ExposureEntry) -> dict[str, str]:
    match entry:
        case AbmaticExposures() | CustomExposures():
            reads = {
                "experience": _first(*_sql(*entry.experience)),
                "variants": _texts(*_sql(*entry.variant)),
            }
            if entry.audience_segment:
                reads["audience_segment"] = _first(*_sql(*entry.audience_segment))
            return reads
        case _ if entry.adapter == "mutiny":
            return {
                "experience": _first(*_property("experience")),
                "audience_segment": _first(*_property("audienceSegment")),
                "variants": _texts(*_property("personalized")),
                "value_kind": compile_path("properties.personalized").type_sql(),
                "variation": compile_path("properties.variation").text_sql(reads_booleans=False),
            }
        case _ if entry.adapter == "split":
            return {
                "experience": _first(*_property("split")),
                "variants": _texts(*_property("treatment")),
                "environment": _first(*_property("environmentName")),
            }
        case _:
            # A control is configured by its name or by its id.
            return {
                "experience": _first(*_property(*_EXPERIMENT_NAMES, *_EXPERIMENT_IDS)),
                "variants": _texts(
                    _first(*_property(*_VARIATION_NAMES)), _first(*_property(*_VARIATION_IDS))
                ),
            }


def _property(*keys: str) -> list[str]:
    return _sql(*(compile_path(f"properties.{key}") for key in keys))


def _sql(*paths: MessagePath | LiteralText) -> list[str]:
    return [path.text_sql() for path in paths]


def _first(*texts: str) -> str:
    """Return SQL for the first text that is not empty."""
    return f"coalesce({', '.join(map(_not_empty, texts))})"


def _texts(*texts: str) -> str:
    return f"[{', '.join(map(_not_empty, texts))}]"


def _not_empty(text: str) -> str:
    return f"nullif({text}, '')"
