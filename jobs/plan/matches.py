"""How large the configured segments are and how many messages the triggers match."""

from dataclasses import dataclass

import duckdb

from ingest.sql import literal
from jobs.config import Settings
from jobs.config.triggers import CompiledTrigger, compile_triggers
from jobs.plan.near_names import NearName, near_names
from jobs.plan.sample_sizes import SampleSize, read_sample_sizes
from jobs.publication import read_publication, settings_changed
from jobs.sql_files import read_sql

COUNTED = "select conversion, count(*), count(distinct person_id) from fct_conversions group by all"

HAS_EVENTS = """
select count(*) > 0
from information_schema.tables
where table_schema = 'main' and table_name = 'fct_events'
"""


@dataclass(frozen=True, slots=True)
class RuleSize:
    """A rule segment: its persons now and ever; None where it is not in the publication yet."""

    segment: str
    persons_now: int | None
    persons_ever: int | None


@dataclass(frozen=True, slots=True)
class AudienceSize:
    """An Engage audience, its members, and the number of persons for whom it was never sent."""

    audience: str
    is_configured: bool
    persons_now: int
    persons_ever: int
    persons_unknown: int
    is_known: bool
    is_stale: bool


@dataclass(frozen=True, slots=True)
class ConversionMatches:
    """What a conversion's trigger matches, and what the last build counted.

    Without the events in the publication `messages` and `persons` are those that were counted.
    `counted` is one of each `distinct_by` value. Where nothing matches, `nearest` are the names
    that may be meant.
    """

    conversion: str
    messages: int
    persons: int
    counted: int
    nearest: list[NearName]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the configuration matches, and what tests of its conversions need.

    Without events only what was counted is known. `is_changed` says that the last night had
    another configuration.
    """

    rules: list[RuleSize]
    audiences: list[AudienceSize]
    conversions: list[ConversionMatches]
    sample_sizes: list[SampleSize]
    has_events: bool
    is_changed: bool


def read_plan(settings: Settings) -> Plan:
    """Return what the configuration matches in the publication, and what its tests need.

    Raises:
        JobError: nothing has been published yet.
    """
    with read_publication(settings) as con:
        sizes = {
            name: (now, ever)
            for name, now, ever in con.execute(read_sql(__file__, "rules")).fetchall()
        }
        has_events = bool(con.execute(HAS_EVENTS).fetchall()[0][0])
        return Plan(
            rules=[
                RuleSize(segment.name, *sizes.get(segment.name, (None, None)))
                for segment in settings.segments
            ],
            audiences=[
                AudienceSize(*row)
                for row in con.execute(read_sql(__file__, "audiences")).fetchall()
            ],
            conversions=_conversions(con, settings, has_events),
            sample_sizes=read_sample_sizes(con, settings),
            has_events=has_events,
            is_changed=settings_changed(con, settings),
        )


def _conversions(
    con: duckdb.DuckDBPyConnection, settings: Settings, has_events: bool
) -> list[ConversionMatches]:
    if not settings.conversions:
        return []
    counted = {name: (rows, persons) for name, rows, persons in con.execute(COUNTED).fetchall()}
    found = [counted.get(conversion.name, (0, 0)) for conversion in settings.conversions]
    if has_events:
        conditions = [
            _condition(trigger, settings)
            for trigger in compile_triggers(settings)
            if trigger.kind == "conversion"
        ]
        counts = ", ".join(
            f"count(*) filter (where {condition}),"
            f" count(distinct person_id) filter (where {condition})"
            for condition in conditions
        )
        flat = con.execute(read_sql(__file__, "matched").format(counts=counts)).fetchall()[0]
        found = list(zip(flat[::2], flat[1::2], strict=True))
    return [
        ConversionMatches(
            conversion.name,
            messages,
            persons,
            counted.get(conversion.name, (0, 0))[0],
            [] if messages else near_names(con, conversion.trigger),
        )
        for conversion, (messages, persons) in zip(settings.conversions, found, strict=True)
    ]


def _condition(trigger: CompiledTrigger, settings: Settings) -> str:
    """Return SQL over a message: the trigger fires, and the message is of one of its sources."""
    if trigger.sources is None:
        return f"({trigger.sql})"
    keys = (settings.source_key(name) for name in trigger.sources)
    return f"({trigger.sql}) and source in ({', '.join(map(literal, keys))})"
