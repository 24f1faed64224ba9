-- One row per message, traffic type and key: the events that Split received.
with deliveries as (

    select * from {{ ref('int_split_deliveries') }}
    where drop_reason is null and type in ('track', 'page', 'screen')

),

keyed as (

    select
        * exclude (keys),
        unnest(keys) as each
    from deliveries

)

select
    message_id,
    each.traffic_type,
    each.key,
    event_type_id,
    value,
    occurred_at,
    type as call,
    {{ as_json('properties') }} as properties
from keyed
