{{ config(materialized='view') }}
-- One row per exposure and grain it counts in: its own audience segment and (all), and
-- its period.
with exposures as (

    select * from {{ ref('int_exposures') }}

),

segment_aliases as (

    select * from {{ ref('stg_config__segment_aliases') }}

),

periods as (

    select * from {{ ref('stg_config__periods') }}

),

named as (

    select
        exposures.message_id,
        exposures.vendor,
        exposures.experience,
        coalesce(segment_aliases.canonical_name, exposures.audience_segment)
            as audience_segment,
        exposures.variant,
        exposures.arm,
        exposures.person_id,
        exposures.unit_id,
        -- What the vendor knew the visitor by.
        coalesce(exposures.anonymous_id, exposures.user_id) as identifier,
        exposures.occurred_at,
        exposures.received_at
    from exposures
    left join segment_aliases
        on exposures.audience_segment = segment_aliases.audience_segment
    where exposures.unit_id is not null

),

segmented as (

    select * from named where audience_segment is not null
    union all
    select * replace ('(all)' as audience_segment) from named

)

select
    segmented.*,
    periods.from_date as period
from segmented
left join periods
    on segmented.experience = periods.experience
    and segmented.occurred_at >= periods.from_date
    and (periods.to_date is null or segmented.occurred_at < periods.to_date)
-- An exposure outside all periods of its experience counts in none.
where periods.from_date is not null
    or segmented.experience not in (
        select all_periods.experience from periods as all_periods
    )
