-- One row per event name and property that was seen with more than one JSON type.
with property_types as (

    select * from {{ ref('int_property_types') }}

)

select
    event_name,
    property,
    list_sort(list(distinct value_type)) as types,
    min(first_occurred_at) as first_seen_at,
    max(last_occurred_at) as last_seen_at,
    sum(messages)::bigint as messages
from property_types
group by event_name, property
having count(distinct value_type) > 1
