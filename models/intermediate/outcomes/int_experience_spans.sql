{{ config(
    materialized='incremental', unique_key=['vendor', 'experience'], delta=true
) }}
-- One row per grain and conversion with the days its figures are given for: from the
-- first exposure to as-of, or to the end of the last window when that has passed.
with grains as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        min(first_day) as first_day,
        max(counted_from) as last_counted_from
    from {{ ref('int_assignment_intervals') }}
    group by all

),

changes as (

    select
        vendor, experience, audience_segment, period, conversion,
        max(changed_day) as last_changed_day
    from {{ ref('int_experience_changes_daily') }}
    where units = 'all'
    group by all

)

select
    grains.vendor,
    grains.experience,
    grains.audience_segment,
    grains.period,
    conversions.conversion,
    conversions.is_main,
    conversions.has_value,
    grains.first_day,
    least(
        as_of.as_of::date,
        {{ seconds_after('grains.last_counted_from', 'conversions.window_seconds')
        }}::date
    ) as last_day,
    -- What happens later is in the last look all the same, as of that day: a crossover
    -- after the last window. A clock that runs ahead moves no date past as-of.
    least(as_of.as_of::date, changes.last_changed_day) as last_changed_day
from grains
cross join {{ ref('int_conversions_configured') }} as conversions
cross join {{ ref('int_as_of') }} as as_of
left join changes
    on {{ same_grain('grains', 'changes') }}
    and conversions.conversion = changes.conversion
