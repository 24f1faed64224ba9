{{ config(materialized='view') }}
{%- set paths = mixpanel_context_fields().values() | list + [
    ['library', 'name'], ['userAgent'], ['integration', 'name'],
    ['groupId'], ['device', 'advertisingId'], ['device', 'idfa'],
] %}
-- One row per message that Mixpanel receives as events: the events, and what Mixpanel
-- takes of the context, in the order of its list. A view, so that the context and the
-- properties are read in the step that writes the events.
-- noqa: disable=LT02,LT05,PRS
with messages as (

    select
        *,
        {{ mixpanel_preset_event() }} as preset_event
    from {{ ref('stg_segment__messages') }}

),

deliveries as (

    select * from {{ ref('int_mixpanel_deliveries') }}
    where drop_reason is null

),

mapped as (

    select * from {{ ref('int_mixpanel_mapped_events') }}

),

read as (

    select
        messages.*,
        {{ mixpanel_members('messages.properties') }} as members,
        {{ json_scalars('messages.context', paths) }} as fields,
        mapped.events as mapped_events
    from messages
    inner join deliveries
        on messages.file_id = deliveries.file_id
        and messages.row_number = deliveries.row_number
    left join mapped on messages.message_id = mapped.message_id
    where messages.preset_event is not null or mapped.message_id is not null

)

select
    file_id,
    message_id,
    anonymous_id,
    user_id,
    coalesce(user_id, anonymous_id, '') as distinct_id,
    occurred_at,
    received_at,
    claimed_at,
    coalesce(nullif(original_event_name, ''), nullif(name, '')) as original_name,
    nullif({{ json_whole_text('fields[' ~ (paths | length - 5) ~ ']::json') }}, '') as library,
    {{ json_whole_text('fields[' ~ (paths | length - 4) ~ ']::json') }} as user_agent,
    fields,
    list_concat(
        case when preset_event is not null then [struct_pack(
            mapping := case
                when type <> 'track' then type
                when preset_event = 'Order Completed' then 'order_completed'
                else 'track'
            end,
            event := preset_event,
            place := 0::bigint,
            members := members,
            is_repeated := false
        )] end,
        case
            when {{ var('mixpanel')['explode_products'] }}
                and type = 'track' and preset_event = 'Order Completed'
                then list_transform(
                    {{ json_elements("properties -> '/products'") }},
                    lambda product, place: struct_pack(
                        mapping := 'product_purchased',
                        event := 'Product Purchased',
                        place := place,
                        members := {{ mixpanel_product_members('properties', 'product') }},
                        is_repeated := false
                    )
                )
        end,
        list_transform(mapped_events, lambda one: struct_pack(
            mapping := one.mapping,
            event := one.event,
            place := 0::bigint,
            members := coalesce(one.members, members),
            is_repeated := one.is_repeated or coalesce(one.event = preset_event, false)
        ))
    ) as events
from read
