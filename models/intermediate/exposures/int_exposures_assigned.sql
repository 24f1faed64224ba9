{{ config(materialized='view') }}
-- One row per exposure and grain it counts in: its own audience segment and (all), and
-- its period.
with exposures as (

    select
        message_id,
        vendor,
        experience,
        assigned_segment as audience_segment,
        variant,
        arm,
        person_id,
        unit_id,
        -- What the vendor knew the visitor by.
        coalesce(anonymous_id, user_id) as identifier,
        occurred_at,
        received_at,
        period
    from {{ ref('int_exposures') }}
    where outcome = 'assigned'

)

select * from exposures where audience_segment is not null
union all
select
    message_id,
    vendor,
    experience,
    '(all)' as audience_segment,
    variant,
    arm,
    person_id,
    unit_id,
    identifier,
    occurred_at,
    received_at,
    period
from exposures
