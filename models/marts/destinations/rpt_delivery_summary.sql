-- One row per destination that is set up, source, call type, event name, outcome and
-- reason.
with deliveries as (

    select * from {{ ref('int_delivery_counts') }}

)

select
    destination,
    source,
    type,
    event_name,
    case when drop_reason is null then 'delivered' else 'dropped' end as outcome,
    drop_reason as reason,
    sum(messages)::bigint as messages,
    min(first_occurred_at) as first_occurred_at,
    max(last_occurred_at) as last_occurred_at
from deliveries
group by all
