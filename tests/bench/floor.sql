-- Visitors and converters per experience, audience segment and arm, as short as SQL can say it.
-- A floor, not an equal: messages are not deduplicated, judged or kept; a login makes a new visitor;
-- crawlers, consent, routing, order ids and crossovers are ignored; no statistics, no look per day.
with messages as (

    select
        event,
        properties,
        coalesce(userId, anonymousId) as visitor,
        coalesce(timestamp, receivedAt)::timestamp as occurred_at
    from read_parquet($files, union_by_name = true, hive_partitioning = false)
    where event in (
        'Mutiny Experience Viewed', 'Signed Up', 'Order Completed', 'Demo Requested'
    )

),

views as (

    select
        properties ->> 'experience' as experience,
        properties ->> 'audienceSegment' as audience_segment,
        properties ->> 'personalized' as arm,
        visitor,
        occurred_at
    from messages
    where event = 'Mutiny Experience Viewed'

),

segmented as (

    select * from views
    union all
    select * replace ('(all)' as audience_segment) from views

),

first_views as (

    select
        experience,
        audience_segment,
        visitor,
        arg_min(arm, occurred_at) as arm,
        min(occurred_at) as first_viewed_at
    from segmented
    group by all

),

conversions as (

    select event as conversion, visitor, occurred_at as converted_at
    from messages
    where event <> 'Mutiny Experience Viewed'

),

converters as (

    select
        first_views.experience,
        first_views.audience_segment,
        first_views.arm,
        conversions.conversion,
        count(distinct first_views.visitor) as converters
    from first_views
    inner join conversions
        on first_views.visitor = conversions.visitor
        and conversions.converted_at >= first_views.first_viewed_at
        and conversions.converted_at < first_views.first_viewed_at + interval 7 day
    group by all

),

visitors as (

    select experience, audience_segment, arm, count(*) as visitors
    from first_views
    group by all

)

select visitors.*, converters.conversion, converters.converters
from visitors
left join converters
    on visitors.experience = converters.experience
    and visitors.audience_segment = converters.audience_segment
    and visitors.arm = converters.arm
