-- One row per finding about the names of events and what their properties hold.
with event_names as (

    select * from {{ ref('int_event_names') }}

),

volumes as (

    select
        source,
        event_name,
        min(first_occurred_at) as first_occurred_at,
        max(last_occurred_at) as last_occurred_at,
        sum(messages)::bigint as messages
    from {{ ref('int_message_volumes') }}
    where type = 'track' and is_behaviour
    group by source, event_name

),

personal_properties as (

    select
        event_name,
        property,
        kind,
        sum(messages)::bigint as messages
    from {{ ref('int_personal_properties') }}
    group by event_name, property, kind

)

select
    'event_name_vague' as check_name,
    'warning' as severity,
    event_name as subject,
    'the name does not say what happened' as detail,
    messages as finding_count
from event_names
where is_vague
union all
select
    'event_name_style' as check_name,
    'info' as severity,
    event_name as subject,
    'not an object and a past-tense verb in Title Case'
    || coalesce(', like "' || suggestion || '"', '') as detail,
    messages as finding_count
from event_names
where is_unstyled and not is_vague
union all
select
    'possible_rename' as check_name,
    'warning' as severity,
    stopped.event_name as subject,
    'sent by ' || stopped.source || ' until '
    || strftime(stopped.last_occurred_at, '%Y-%m-%d %H:%M') || '; "'
    || started.event_name || '" begins at '
    || strftime(started.first_occurred_at, '%Y-%m-%d %H:%M') as detail,
    started.messages as finding_count
from volumes as stopped
inner join volumes as started
    on stopped.source = started.source
    and stopped.last_occurred_at < started.first_occurred_at
    and {{ is_near_name('stopped.event_name', 'started.event_name') }}
-- Names that count, such as "Step 1 Viewed", are one another's neighbours.
where regexp_replace(stopped.event_name, '[^0-9]', '', 'g')
    = regexp_replace(started.event_name, '[^0-9]', '', 'g')
union all
select
    'pii_in_properties' as check_name,
    'warning' as severity,
    coalesce(event_name || ' / ', '') || property as subject,
    'its text looks like ' || kind as detail,
    messages as finding_count
from personal_properties
