"""Compiles the settings to the variables the dbt models are built with."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, get_args

from jobs.config.breakdowns import Breakdown
from jobs.config.destinations import IdentifierKind, MixpanelSettings, SplitSettings
from jobs.config.model import Settings
from jobs.config.rules import compile_segments
from jobs.config.spellings import key_spellings
from jobs.config.templates import template_sql
from jobs.config.triggers import compile_triggers
from jobs.fql import MessagePath, compile_trigger
from jobs.fql.dialect import text_literal


def dbt_vars(settings: Settings) -> dict[str, Any]:
    """Return the variables as JSON data: triggers and paths as SQL, durations in whole seconds.

    The SQL reads the columns `type`, `event_name`, `original_event_name`, `name`, `user_id`,
    `anonymous_id`, `group_id`, `message_id`, `channel`, `properties`, `traits`, `context`,
    `integrations` of a message.
    """
    segments = compile_segments(settings.segments, settings.crm, settings.audiences)
    return {
        "identity": settings.identity.model_dump(mode="json"),
        "exclude_sql": [compile_trigger(trigger) for trigger in settings.exclude],
        "future_skew_seconds": _seconds(settings.quality.future_skew),
        "triggers": [
            {"number": number, "sql": trigger.sql, "reads": trigger.reads}
            for number, trigger in enumerate(compile_triggers(settings))
        ],
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
        "mixpanel": _mixpanel(settings.destinations.mixpanel),
        "statistics": _statistics(settings),
        "breakdowns": [_breakdown(breakdown) for breakdown in settings.breakdowns],
        "split": _split(settings.destinations.split),
        "quality": {"stale_after_seconds": _seconds(settings.quality.stale_after)},
    }


def _split(split: SplitSettings) -> dict[str, Any]:
    value = split.value
    disabled = {
        "identify": not split.enable_identify,
        "group": not split.enable_identify,
        "track": not split.enable_track,
        "page": split.page_name is None,
        "screen": split.screen_name is None,
    }
    return {
        **{f"{kind}_type": _literal(split.unit.get(kind)) for kind in get_args(IdentifierKind)},
        "disabled_types": ", ".join(
            text_literal(name) for name, is_disabled in disabled.items() if is_disabled
        )
        or "null",
        "event_type_id": as_sent(split.event_type_id.text_sql(reads_booleans=False)),
        "page_name": template_sql(split.page_name) if split.page_name else "null::varchar",
        "screen_name": template_sql(split.screen_name) if split.screen_name else "null::varchar",
        "value": value.number_sql() if value else "null::double",
        "value_text": value.text_sql(reads_booleans=False)
        if value and split.coerce_numeric_strings
        else "null::varchar",
        "flatten_traits": split.flatten_traits,
    }


def as_sent(sql: str) -> str:
    """Return SQL for text of a message, for a destination: it receives events under the name sent.

    `naming.aliases` are ours.
    """
    return "original_event_name" if sql == "event_name" else sql


def _mixpanel(mixpanel: MixpanelSettings) -> dict[str, Any]:
    stamped = mixpanel.super_properties
    return {
        "group_key": mixpanel.group_key,
        "sends_people": mixpanel.sends_people,
        "page_event_sql": template_sql(mixpanel.page_event),
        "explode_products": mixpanel.explode_products,
        "has_super_properties": stamped not in ("off", ()),
        "super_properties": None if isinstance(stamped, str) else list(stamped),
        "identity_merge": mixpanel.identity_merge,
        "mp_lib_prefix": mixpanel.mp_lib_prefix,
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


def _text(path: MessagePath | None) -> str | None:
    return None if path is None else path.text_sql()


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())


def _literal(text: str | None) -> str:
    return "null::varchar" if text is None else text_literal(text)


def _listed(names: Iterable[str] | None) -> list[str] | None:
    return None if names is None else list(names)
