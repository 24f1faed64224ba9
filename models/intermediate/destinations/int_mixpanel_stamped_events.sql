-- One row per event of a client library that the super properties of its device add
-- to: the traits of the latest earlier identify call, where it has none of that name.
-- Empty unless super_properties is on.
-- noqa: disable=RF03,LT02
with identifies as (

    -- What makes no profile is registered on the device all the same.
    select
        identifies.anonymous_id as device_id,
        identifies.occurred_at,
        identifies.received_at,
        identifies.message_id,
        identifies.traits
    from {{ ref('stg_segment__identifies') }} as identifies
    inner join {{ ref('int_mixpanel_deliveries') }} as deliveries
        on identifies.file_id = deliveries.file_id
            and identifies.row_number = deliveries.row_number
    where {{ var('mixpanel')['has_super_properties'] }}
        and coalesce(deliveries.drop_reason = 'nothing_to_send', true)
        and identifies.anonymous_id is not null

),

events as (

    select *
    from {{ ref('int_mixpanel_events') }}
    where {{ var('mixpanel')['has_super_properties'] }}
        and device_id is not null
        and (
            library in ('analytics.js', 'web')
            or regexp_matches(library, '^analytics-(ios|swift|android|kotlin)')
        )

),

calls as (

    select
        device_id,
        occurred_at,
        received_at,
        message_id,
        traits
    from identifies
    union all
    select
        device_id,
        occurred_at,
        received_at,
        message_id,
        null as traits
    from events
    group by all

),

registered as (

    select
        message_id,
        last_value(traits ignore nulls) over (
            partition by device_id
            order by occurred_at, received_at, message_id, traits is not null
            rows between unbounded preceding and 1 preceding
        ) as traits
    from calls
    qualify calls.traits is null

),

added as (

    select
        events.*,
        {{ json_members(
            'registered.traits', mixpanel_super_property('events.properties'), 255
        ) }} as members
    from events
    inner join registered on events.message_id = registered.message_id
    where registered.traits is not null

),

stamped as (

    select
        * exclude (properties),
        {{ json_joined('members', "properties[2:-2]") }} as properties
    from added
    where members <> ''

)

select
    message_id,
    mapping,
    insert_id,
    {{ as_json('properties') }} as properties,
    {{ mixpanel_group_ids('properties') }} as group_ids,
    coalesce(
        case when invalid_reason in (
            'time_out_of_range', 'placeholder_distinct_id', 'insert_id_invalid'
        ) then invalid_reason end,
        {{ mixpanel_property_problem('event', 'properties', 'properties') }},
        invalid_reason
    ) as invalid_reason
from stamped
