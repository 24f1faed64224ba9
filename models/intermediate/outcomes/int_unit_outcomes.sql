{{ config(
    materialized='incremental',
    unique_key='unit_id',
    affected='int_affected_units',
) }}
-- One row per assignment interval and conversion: all that the unit did in its window
-- and in the look-back before, and when its window closes.
with intervals as (

    select *
    from {{ ref('int_assignment_intervals') }}
    where (end_day is null or first_day < end_day)
    {% if is_incremental() %}
        and unit_id in (select unit_id from {{ ref('int_affected_units') }})
    {% endif %}

),

outcomes as (

    select
        vendor, experience, audience_segment, period, unit_id, variant, counted_from,
        conversion,
        count(*) filter (where not is_refund and is_in_window) as conversions,
        count(value_units) filter (where not is_refund and is_in_window)
            as valued_conversions,
        sum(value_units) filter (where is_in_window) as value_units,
        count(*) filter (where not is_refund and is_in_lookback) as pre_conversions,
        sum(value_units) filter (where is_in_lookback) as pre_value
    from {{ ref('int_interval_conversions') }}
    -- What happens from the day on which an interval ends does not count.
    where is_in_lookback
        or is_in_window and (end_day is null or occurred_at::date < end_day)
    group by all

)

select
    intervals.vendor,
    intervals.experience,
    intervals.audience_segment,
    intervals.period,
    intervals.unit_id,
    intervals.variant,
    intervals.arm,
    intervals.counted_from,
    intervals.first_day,
    intervals.end_day,
    intervals.crossed_at,
    intervals.is_last,
    conversions.conversion,
    {{ seconds_after('intervals.counted_from', 'conversions.window_seconds') }}
        as closes_at,
    {{ exact('coalesce(outcomes.conversions, 0)') }} as conversions,
    {{ exact('coalesce(outcomes.valued_conversions, 0)') }} as valued_conversions,
    {{ exact('coalesce(outcomes.value_units, 0)') }} as value_units,
    {{ exact('coalesce(outcomes.pre_conversions, 0)') }} as pre_conversions,
    {{ exact('coalesce(outcomes.pre_value, 0)') }} as pre_value
from intervals
cross join {{ source('raw', 'config_conversions') }} as conversions
left join outcomes
    on {{ same_interval('intervals', 'outcomes') }}
    and conversions.conversion = outcomes.conversion
