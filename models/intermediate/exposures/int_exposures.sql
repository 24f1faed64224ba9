{{ config(materialized='view') }}
-- One row per exposure and vendor, with the arm of its variant and the period and
-- audience segment that it counts in, or why it counts in none.
with views as (

    select *
    from {{ ref('int_resolved_exposures') }}
    where incomplete_reason is null

),

arms as (select * from {{ ref('int_variant_arms') }}),

segment_aliases as (select * from {{ source('raw', 'config_segment_aliases') }}),

periods as (select * from {{ source('raw', 'config_periods') }})

select
    views.message_id,
    views.vendor,
    views.experience,
    views.audience_segment,
    coalesce(segment_aliases.canonical_name, views.audience_segment)
        as assigned_segment,
    periods.from_date as period,
    views.variant,
    arms.arm,
    views.sent_arm,
    views.variation,
    views.person_id,
    views.unit_id,
    case
        when
            periods.from_date is null
            and views.experience in (
                select all_periods.experience from periods as all_periods
            )
            then 'outside_periods'
        when views.unit_id is null then 'without_unit'
        else 'assigned'
    end as outcome,
    views.event_name,
    views.occurred_at,
    views.received_at,
    views.user_id,
    views.anonymous_id,
    views.source
from views
inner join arms
    on views.vendor = arms.vendor
    and views.experience = arms.experience
    and views.variant = arms.variant
left join segment_aliases
    on views.audience_segment = segment_aliases.audience_segment
left join periods
    on views.experience = periods.experience
    and views.occurred_at >= periods.from_date
    and (periods.to_date is null or views.occurred_at < periods.to_date)
