{{ config(materialized='view', database=target.database) }}
-- One row per message and destination that is set up.
-- A view, like rpt_journey: fct_events says it of each message in one column per
-- destination.
with events as (

    select * from {{ ref('fct_events') }}

),

deliveries as (

    select
        'abmatic' as destination,
        abmatic_delivery as delivery,
        *
    from events
    union all
    select
        'mixpanel' as destination,
        mixpanel_delivery as delivery,
        *
    from events
    union all
    select
        'mutiny' as destination,
        mutiny_delivery as delivery,
        *
    from events
    union all
    select
        'split' as destination,
        split_delivery as delivery,
        *
    from events

)

select
    destination,
    message_id,
    source,
    type,
    event_name,
    occurred_at,
    case delivery when 'delivered' then 'delivered' else 'dropped' end as outcome,
    nullif(delivery, 'delivered') as reason
from deliveries
where delivery is not null
