"""Compiles the settings to the variables the dbt models are built with."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from jobs.config.breakdowns import Breakdown
from jobs.config.experiences import ConversionSettings
from jobs.config.exposures import (
    AbmaticExposures,
    CustomExposures,
    ExposureEntry,
    SplitExposures,
    entry_vendor,
)
from jobs.config.model import Settings
from jobs.config.rows import unit_type
from jobs.config.rules import compile_segments
from jobs.config.spellings import key_spellings
from jobs.config.values import LiteralText
from jobs.fql import MessagePath, Trigger, compile_trigger


def dbt_vars(settings: Settings) -> dict[str, Any]:
    """Return the variables as JSON data: triggers and paths as SQL, durations in whole seconds.

    The SQL reads the columns `type`, `event_name`, `name`, `user_id`, `anonymous_id`, `group_id`,
    `message_id`, `channel`, `properties`, `traits`, `context`, `integrations` of a message.
    """
    segments = compile_segments(settings.segments, settings.crm, settings.audiences)
    return {
        "sources": {
            key: {"environment": source.environment} for key, source in settings.sources.items()
        },
        "identity": settings.identity.model_dump(mode="json"),
        "exclude_sql": [compile_trigger(trigger) for trigger in settings.exclude],
        "future_skew_seconds": _seconds(settings.quality.future_skew),
        "exposures": [_exposure(entry, settings) for entry in settings.exposures],
        "conversions": [_conversion(conversion, settings) for conversion in settings.conversions],
        "flattened_keys": key_spellings(settings),
        "max_event_names": settings.naming.max_event_names,
        "predicates": [
            {
                "number": number,
                "trigger_sql": predicate["trigger_sql"],
                "value_sql": predicate.get("value_sql"),
            }
            for number, predicate in enumerate(segments["predicates"])
            if predicate["kind"] == "event"
        ],
        "value_conditions": {
            str(number): predicate["condition_sql"]
            for number, predicate in enumerate(segments["predicates"])
            if "condition_sql" in predicate
        },
        "rules": [
            {
                "chunk": rule["chunk"],
                "flag": 1 << rule["bit"],
                "condition_sql": rule["condition_sql"],
                "is_default": rule["is_default"],
            }
            for rule in segments["rules"]
        ],
        "statistics": _statistics(settings),
        "breakdowns": [_breakdown(breakdown) for breakdown in settings.breakdowns],
        "quality": {"stale_after_seconds": _seconds(settings.quality.stale_after)},
    }


def _exposure(entry: ExposureEntry, settings: Settings) -> dict[str, Any]:
    compiled: dict[str, Any] = {
        "adapter": entry.adapter,
        "vendor": entry_vendor(entry),
        "unit": unit_type(entry, settings),
        "sources": _source_keys(entry.sources, settings),
        "trigger_sql": None,
        "experience": [],
        "variant": [],
        "audience_segment": [],
        "experience_sql": [],
        "variant_sql": [],
        "audience_segment_sql": [],
        "control_variants": list(getattr(entry, "control_variants", ())),
        "baseline": dict(entry.baseline) if isinstance(entry, SplitExposures) else {},
    }
    if isinstance(entry, AbmaticExposures | CustomExposures):
        compiled["trigger_sql"] = compile_trigger(entry.trigger)
        for part in ("experience", "variant", "audience_segment"):
            paths: tuple[MessagePath | LiteralText, ...] = getattr(entry, part)
            compiled[part] = [path.text for path in paths]
            compiled[f"{part}_sql"] = [path.text_sql() for path in paths]
    return compiled


def _conversion(conversion: ConversionSettings, settings: Settings) -> dict[str, Any]:
    return {
        "name": conversion.name,
        "trigger_sql": compile_trigger(conversion.trigger),
        "refund_sql": _condition(conversion.refund),
        "value_units_sql": None if conversion.value is None else conversion.value.units_sql(),
        "value_kind_sql": None if conversion.value is None else conversion.value.type_sql(),
        "currency_sql": None
        if conversion.currency is None
        else conversion.currency.text_sql(reads_booleans=False),
        "distinct_sql": _text(conversion.distinct_by),
        "sources": _source_keys(conversion.sources, settings),
    }


def _statistics(settings: Settings) -> dict[str, Any]:
    statistics = settings.statistics
    compiled = statistics.model_dump(mode="json", exclude={"cuped_lookback", "prior"})
    return {
        **compiled,
        "cuped_lookback_seconds": _seconds(statistics.cuped_lookback),
        "prior_mean": statistics.prior.mean,
        "prior_stddev": statistics.prior.stddev,
    }


def _breakdown(breakdown: Breakdown) -> dict[str, Any]:
    return {
        "text": breakdown.text,
        "column": breakdown.column,
        "path_sql": None if breakdown.trait else _text(breakdown.path),
        "trait": _listed(breakdown.trait),
        "segment": breakdown.segment,
    }


def _source_keys(names: Iterable[str] | None, settings: Settings) -> list[str] | None:
    return None if names is None else [settings.source_key(name) for name in names]


def _condition(trigger: Trigger | None) -> str | None:
    return None if trigger is None else compile_trigger(trigger)


def _text(path: MessagePath | None) -> str | None:
    return None if path is None else path.text_sql()


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())


def _listed(names: Iterable[str] | None) -> list[str] | None:
    return None if names is None else list(names)
