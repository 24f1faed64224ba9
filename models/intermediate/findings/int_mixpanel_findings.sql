-- One row per finding about what Mixpanel makes of messages, if it is set up.
with destinations as (

    select * from {{ source('raw', 'config_destinations') }}
    where is_named

),

mixpanel as (

    select * from destinations
    where vendor = 'mixpanel'

),

events as (

    select * from {{ ref('int_mixpanel_events') }}

),

stamped as (

    select * from {{ ref('int_mixpanel_stamped_events') }}

),

properties as (

    select
        event_name,
        property,
        sum(messages)::bigint as messages
    from {{ ref('int_property_types') }}
    group by event_name, property

),

volumes as (

    select * from {{ ref('int_message_volumes') }}

),

groups as (

    select
        count(*) as events,
        count(*) filter (
            where coalesce(stamped.group_ids, events.group_ids) = []
        ) as without_group
    from events
    left join stamped
        on events.message_id = stamped.message_id
        and events.mapping = stamped.mapping
        and events.insert_id = stamped.insert_id

),

devices as (

    select
        device_id,
        count(distinct library) filter (
            where library in ('analytics.js', 'web')
        ) as libraries,
        count(distinct user_id) as users
    from events
    where device_id is not null
    group by device_id

)

select
    'reserved_property' as check_name,
    'warning' as severity,
    coalesce(properties.event_name || ' / ', '') || properties.property as subject,
    'Mixpanel keeps this name for itself; the property is not sent' as detail,
    properties.messages as finding_count
from properties
cross join mixpanel
where list_contains({{ mixpanel_reserved_names() }}, properties.property)
union all
select
    'event_without_group' as check_name,
    'info' as severity,
    'mixpanel' as subject,
    'events without ' || {{ text_literal(var('mixpanel')['group_key']) }}
    || ', of ' || events || ': they belong to no group' as detail,
    without_group as finding_count
from groups
where without_group > 0
    and {{ text_literal(var('mixpanel')['group_key']) }} <> '$group_id'
union all
select
    'people_off' as check_name,
    'warning' as severity,
    'mixpanel' as subject,
    'identify calls whose traits make no profile, because people is off' as detail,
    sum(volumes.messages)::bigint as finding_count
from volumes
cross join mixpanel
where volumes.type = 'identify'
    and mixpanel.is_active
    and not {{ var('mixpanel')['sends_people'] }}
having sum(volumes.messages) > 0
union all
select
    'unnamed_page' as check_name,
    'warning' as severity,
    volumes.source || ' / ' || volumes.type as subject,
    'calls without a name: Mixpanel gets an event named for nothing, Split drops them'
        as detail,
    sum(volumes.messages)::bigint as finding_count
from volumes
where volumes.type in ('page', 'screen')
    and coalesce(volumes.event_name, '') = ''
    and exists (
        select 1 from destinations
        where destinations.vendor in ('mixpanel', 'split') and destinations.is_active
    )
group by volumes.source, volumes.type
union all
select
    'mixed_identity' as check_name,
    'warning' as severity,
    'mixpanel / libraries' as subject,
    'devices whose events come from Segment''s library in cloud mode and in device mode'
        as detail,
    count(*) as finding_count
from devices
where libraries > 1
having count(*) > 0
union all
select
    'mixed_identity' as check_name,
    'warning' as severity,
    'mixpanel / users' as subject,
    'devices with events of several users; Mixpanel gives them to one of these'
        as detail,
    count(*) as finding_count
from devices
where users > 1
having count(*) > 0
union all
select
    'insert_id_invalid' as check_name,
    'warning' as severity,
    'mixpanel' as subject,
    'events whose insert id is not 1 to 36 letters, digits and hyphens' as detail,
    count(*) as finding_count
from events
where invalid_reason = 'insert_id_invalid'
having count(*) > 0
