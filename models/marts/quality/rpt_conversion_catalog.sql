-- One row per event name and type seen.
with events as (

    select
        event_name,
        type,
        count(*) as events,
        count(distinct person_id) as persons,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at,
        list_sort(list_distinct(list(source))) as sources
    from {{ ref('fct_events') }}
    where is_behaviour and event_name is not null
    group by event_name, type

),

libraries as (

    select
        event_name,
        type,
        list_sort(list(distinct library)) as libraries
    from {{ ref('int_message_volumes') }}
    where is_behaviour and library is not null
    group by event_name, type

),

configured as (

    select
        seen.event_name,
        seen.type,
        bool_or(configured.is_main) as is_main
    from {{ ref('int_conversion_messages') }} as seen
    inner join {{ source('raw', 'config_conversions') }} as configured
        on seen.conversion = configured.conversion
    where not seen.is_refund and seen.is_excluded is not true
    group by seen.event_name, seen.type

),

-- What shows an experience is not a candidate: not if every message lacks something,
-- and not if no adapter of lift.yml reads it yet.
exposing as (

    select
        event_name,
        type,
        max(missing_adapter) as missing_adapter
    from (
        select
            {{ event_or_page_name('seen') }} as event_name,
            seen.type,
            null::varchar as missing_adapter
        from {{ ref('int_exposure_messages') }} as seen
        where seen.is_excluded is not true
        union all
        select event_name, 'track' as type, adapter as missing_adapter
        from {{ ref('int_exposures_unconfigured') }}
    ) as shown
    group by event_name, type

)

select
    events.event_name,
    events.type,
    events.events,
    events.persons,
    events.first_seen_at,
    events.last_seen_at,
    events.sources,
    coalesce(libraries.libraries, []) as libraries,
    'segment' as origin,
    configured.event_name is not null as is_configured,
    coalesce(configured.is_main, false) as is_main,
    exposing.event_name is null as is_visible,
    case
        when exposing.event_name is not null then 'exposure'
        when events.type = 'track' then 'event'
        else 'view'
    end as kind,
    exposing.missing_adapter
from events
left join libraries
    on events.event_name = libraries.event_name and events.type = libraries.type
left join configured
    on events.event_name = configured.event_name and events.type = configured.type
left join exposing
    on events.event_name = exposing.event_name and events.type = exposing.type
