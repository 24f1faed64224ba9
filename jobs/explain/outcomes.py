"""What became of every conversion in one experience: whose it is, and why it counts or does not.

Everything is a temporary table of the publication's reader: `units` of the experience, `outcomes`
with one row per conversion, as its vendor counts it.
"""

from dataclasses import dataclass

import duckdb

from jobs.config import Settings
from jobs.explain.grains import EVERYBODY, Grain

# Why a vendor's destination did not receive a conversion, in the order they are asked.
DELIVERY = (
    "destination_inactive",
    "source_not_connected",
    "region_mismatch",
    "consent",
    "integrations_object",
    "unsupported_type",
    "conversion_integration_off",
)
# And what else may become of one; each conversion has the first that holds.
OUTCOMES = (
    *DELIVERY,
    "without_unit",
    "never_exposed",
    "before_exposure",
    "outside_window",
    "crossover",
    "counted",
)

RECEPTIONS = """
select count(*) = 2
from information_schema.tables
where table_name in ('fct_attributions', 'rpt_unattributed_conversions')
"""

UNITS = """
create or replace temp table units as
select
    unit_type, unit_id, variant, arm, first_exposed_at, last_exposed_at, impressions, is_crossover
from fct_assignments
where vendor = $vendor
    and experience = $experience
    and audience_segment = $audience_segment
    and period is not distinct from $period
"""

UNIT_TYPE = "select coalesce(any_value(unit_type), 'person') from units"

# What a vendor counts is attributed, or has a reason that is none of delivery. Of a distinct_by
# value that may be a later message than the one in fct_conversions.
RECEIVED = """
create or replace temp table vendor_conversions as
select conversion, message_id, null as drop_reason
from fct_attributions
where vendor = $vendor
union
select conversion, message_id, case when list_contains($delivery, reason) then reason end
from rpt_unattributed_conversions
where vendor = $vendor
"""

ALL_CONVERSIONS = """
create or replace temp table vendor_conversions as
select conversion, message_id, null as drop_reason from fct_conversions
"""

# Whose a conversion is stands in fct_conversions; only for other units than persons, and for a
# message that stands in for another one, its event is needed.
MESSAGES_WANTED = """
create or replace temp table messages_wanted as
select message_id
from vendor_conversions
anti join fct_conversions using (conversion, message_id)
union
select message_id from vendor_conversions where $unit_type <> 'person'
union
select message_id
from fct_exposures
where $unit_type <> 'person' and vendor = $vendor and experience = $experience
"""

EVENTS = """
create or replace temp table events as
select message_id, person_id, occurred_at, received_at, anonymous_id, user_id, group_id, context
from fct_events
where message_id in (from messages_wanted)
"""

NO_EVENTS = """
create or replace temp table events (
    message_id varchar, person_id varchar, occurred_at timestamp, received_at timestamp,
    anonymous_id varchar, user_id varchar, group_id varchar, context json
)
"""

CARRIED = """
create or replace temp table units_carried as
with carried as (
    select
        message_id, received_at,
        case $unit_type
            when 'anonymous_id' then nullif(anonymous_id, '')
            when 'user_id' then nullif(user_id, '')
            when 'account' then coalesce(nullif(group_id, ''), nullif(context ->> '$.groupId', ''))
        end as unit_id
    from events
),
hubs as (select id_value from dim_identifiers where id_type = $unit_type and is_blocked)
select carried.*
from carried
where unit_id is not null
    and unit_id not in (from hubs)
    and (
        $unit_type = 'account'
        or not exists (
            from unnest($blocked::varchar[]) as patterns (pattern)
            where regexp_full_match(lower(trim(carried.unit_id)), pattern)
        )
    )
"""

# What carries no unit goes to the unit of its person's first exposure in this experience.
FIRST_UNITS = """
create or replace temp table first_units as
select
    exposures.person_id,
    arg_min(
        carried.unit_id, (exposures.exposed_at, carried.received_at, exposures.message_id)
    ) as unit_id
from fct_exposures as exposures
inner join units_carried as carried on exposures.message_id = carried.message_id
inner join units on carried.unit_id = units.unit_id
where $unit_type <> 'account'
    and exposures.vendor = $vendor
    and exposures.experience = $experience
    and ($sent_segments is null or list_contains($sent_segments, exposures.audience_segment))
    and exposures.exposed_at between coalesce($period, '-infinity'::timestamp)
    and units.last_exposed_at
group by exposures.person_id
"""

# The instant of exposure counts, the instant of the window's end does not.
TRACED = """
create or replace temp table outcomes as
with windows as (
    select unnest($conversions) as conversion, unnest($windows) as seconds
),
placed as (
    select
        counted.conversion, counted.message_id, counted.drop_reason, windows.seconds,
        coalesce(conversions.person_id, events.person_id) as person_id,
        coalesce(conversions.converted_at, events.occurred_at) as converted_at
    from vendor_conversions as counted
    inner join windows on counted.conversion = windows.conversion
    left join fct_conversions as conversions
        on counted.conversion = conversions.conversion
        and counted.message_id = conversions.message_id
    left join events on counted.message_id = events.message_id
),
owned as (
    select
        placed.*,
        case
            when $unit_type = 'person' then placed.person_id
            else coalesce(carried.unit_id, first_units.unit_id)
        end as owner
    from placed
    left join units_carried as carried on placed.message_id = carried.message_id
    left join first_units on placed.person_id = first_units.person_id
)
select
    owned.conversion, owned.message_id, units.unit_id, units.variant, units.arm,
    case
        when owned.drop_reason is not null then owned.drop_reason
        when owned.owner is null then 'without_unit'
        when units.unit_id is null then 'never_exposed'
        when owned.converted_at < units.first_exposed_at then 'before_exposure'
        when owned.converted_at >= units.first_exposed_at + to_seconds(owned.seconds)
            then 'outside_window'
        when $excludes_crossovers and units.is_crossover then 'crossover'
        else 'counted'
    end as outcome
from owned
left join units on owned.owner = units.unit_id
"""


@dataclass(frozen=True, slots=True)
class Tracing:
    """What could be read to tell whose a conversion is.

    Without receptions all conversions pass for received; without events only persons have any.
    """

    unit_type: str
    has_receptions: bool
    has_events: bool


def trace_outcomes(con: duckdb.DuckDBPyConnection, settings: Settings, grain: Grain) -> Tracing:
    """Keep the units of an experience in `units`, and what became of conversions in `outcomes`."""
    con.execute(UNITS, grain.named())
    (unit_type,) = con.execute(UNIT_TYPE).fetchall()[0]
    typed = {"unit_type": unit_type}
    has_receptions = bool(con.execute(RECEPTIONS).fetchall()[0][0])
    if has_receptions:
        con.execute(RECEIVED, {"vendor": grain.vendor, "delivery": list(DELIVERY)})
    else:
        con.execute(ALL_CONVERSIONS)
    shown = {"vendor": grain.vendor, "experience": grain.experience, **typed}
    con.execute(MESSAGES_WANTED, shown)
    has_events = True
    try:
        con.execute(EVENTS)
    except (duckdb.CatalogException, duckdb.IOException):
        has_events = False
        con.execute(NO_EVENTS)
    con.execute(CARRIED, {**typed, "blocked": list(settings.identity.blocked)})
    sent = sent_segments(settings, grain.audience_segment)
    con.execute(FIRST_UNITS, {**shown, "period": grain.period, "sent_segments": sent})
    con.execute(
        TRACED,
        {
            **typed,
            "conversions": [each.name for each in settings.conversions],
            "windows": [each.window.total_seconds() for each in settings.conversions],
            "excludes_crossovers": settings.statistics.crossover == "exclude",
        },
    )
    return Tracing(unit_type, has_receptions, has_events)


def sent_segments(settings: Settings, audience_segment: str) -> list[str] | None:
    """Return the names under which a vendor sends an audience segment; None for everybody."""
    if audience_segment == EVERYBODY:
        return None
    aliases = settings.experiences.segment_aliases
    sent = [name for name, alias in aliases.items() if alias == audience_segment]
    return sent if audience_segment in aliases else [audience_segment, *sent]
