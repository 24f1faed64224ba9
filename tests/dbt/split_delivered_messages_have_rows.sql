-- A message that Split received is an event, or has written or removed an attribute;
-- one that it did not receive is in no table of it.
with deliveries as (

    select * from {{ ref('int_split_deliveries') }}

),

events as (

    select message_id from {{ ref('split_events') }}
    group by message_id

),

attributes as (

    select message_id from {{ ref('split_attributes') }}
    group by message_id

),

writes as (

    -- A later call may have replaced what one wrote.
    select
        file_id,
        row_number
    from {{ ref('int_split_attribute_values') }}
    group by file_id, row_number

)

select
    deliveries.message_id,
    deliveries.drop_reason
from deliveries
left join events on deliveries.message_id = events.message_id
left join attributes on deliveries.message_id = attributes.message_id
left join writes
    on deliveries.file_id = writes.file_id
    and deliveries.row_number = writes.row_number
where case
        when deliveries.drop_reason is not null
            then coalesce(events.message_id, attributes.message_id) is not null
        when deliveries.type in ('identify', 'group') then writes.file_id is null
        else events.message_id is null
    end
