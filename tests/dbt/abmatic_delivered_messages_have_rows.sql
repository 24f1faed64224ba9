-- Abmatic received a message if and only if it has an event of it.
with deliveries as (

    select * from {{ ref('int_abmatic_deliveries') }}

),

events as (

    select message_id from {{ ref('abmatic_events') }}
    group by message_id

)

select
    deliveries.message_id,
    deliveries.drop_reason
from deliveries
full join events on deliveries.message_id = events.message_id
where deliveries.message_id is null
    or (deliveries.drop_reason is null) <> (events.message_id is not null)
