-- One row per destination, event as the destination knows it, and day.
with sent as (

    select
        'abmatic' as destination,
        event,
        occurred_at::date as date,
        anonymous_id as sender
    from {{ ref('abmatic_events') }}
    union all
    select
        'mixpanel' as destination,
        event,
        make_timestamp(time * 1000)::date as date,
        nullif(distinct_id, '') as sender
    from {{ ref('mixpanel_events') }}
    union all
    select
        'mutiny' as destination,
        original_event_name as event,
        occurred_at::date as date,
        coalesce(user_id, anonymous_id) as sender
    from {{ ref('fct_events') }}
    where type = 'track' and mutiny_delivery = 'delivered'
    union all
    select
        'split' as destination,
        event_type_id as event,
        occurred_at::date as date,
        traffic_type || ' ' || key as sender
    from {{ ref('split_events') }}

)

select
    destination,
    event,
    date,
    count(*) as events,
    count(distinct sender) as users
from sent
group by destination, event, date
