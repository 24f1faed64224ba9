-- One row per event as Mixpanel imports it.
-- noqa: disable=LT02
with events as (

    select * from {{ ref('int_mixpanel_events') }}

),

stamped as (

    select * from {{ ref('int_mixpanel_stamped_events') }}

),

canonical_ids as (

    select * from {{ ref('int_mixpanel_canonical_ids') }}

),

identified as (

    select
        *,
        coalesce(
            user_id, {{ text_literal(mixpanel_device_prefix()) }} || device_id
        ) as known_id
    from events

)

select
    events.message_id,
    events.mapping,
    events.event,
    coalesce(events.user_id, events.device_id, '') as distinct_id,
    events.insert_id,
    events.time,
    {{ mixpanel_library('events.library') }} as mp_lib,
    case events.library when 'web' then 'device' else 'cloud' end as connection_mode,
    events.device_id,
    events.user_id,
    coalesce(canonical_ids.canonical_id, events.known_id) as canonical_distinct_id,
    coalesce(stamped.group_ids, events.group_ids) as group_ids,
    coalesce(stamped.properties, events.properties) as properties,
    coalesce(stamped.invalid_reason, events.invalid_reason) is null as is_valid,
    coalesce(stamped.invalid_reason, events.invalid_reason) as invalid_reason
from identified as events
left join canonical_ids on events.known_id = canonical_ids.distinct_id
left join stamped
    on events.message_id = stamped.message_id
        and events.mapping = stamped.mapping
        and events.insert_id = stamped.insert_id
