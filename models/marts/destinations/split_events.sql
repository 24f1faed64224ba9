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
    keyed.message_id,
    keyed.each.traffic_type,
    keyed.each.key,
    keyed.event_type_id,
    keyed.value,
    keyed.occurred_at,
    keyed.type as call,
    keyed.properties
from keyed
