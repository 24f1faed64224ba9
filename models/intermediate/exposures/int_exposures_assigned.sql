{{ config(materialized='view') }}
-- One row per exposure and grain it counts in: its own audience segment and (all), and
-- its period.
with exposures as (

    select
        message_id,
        vendor,
        experience,
        {{ segment_alias('audience_segment') }} as audience_segment,
        variant,
        arm,
        person_id,
        unit_id,
        -- What the vendor knew the visitor by.
        coalesce(anonymous_id, user_id) as identifier,
        occurred_at,
        received_at
    from {{ ref('int_exposures') }}
    where unit_id is not null

),

segmented as (

    select * from exposures where audience_segment is not null
    union all
    select * replace ('(all)' as audience_segment) from exposures

)

select
    segmented.*,
    {{ experience_period('segmented.experience', 'segmented.occurred_at') }} as period
from segmented
where {{ is_in_a_period('segmented.experience', 'segmented.occurred_at') }}
