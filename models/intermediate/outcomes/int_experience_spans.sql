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
    from {{ ref('int_assignment_spells') }}
    group by all

),

crossovers as (

    select
        vendor, experience, audience_segment, period,
        max(crossed_at) as crossed_at
    from {{ ref('int_units_exposed') }}
    group by all

),

-- What happens later still counts in the last look: a crossover after the last window,
-- or a message of a clock that runs ahead of as-of.
last_changes as (

    select
        changes.vendor, changes.experience, changes.audience_segment, changes.period,
        changes.conversion,
        greatest(max(changes.changed_day), max(crossovers.crossed_at)::date)
            as changed_day
    from {{ ref('int_experience_changes_daily') }} as changes
    inner join crossovers on {{ same_grain('changes', 'crossovers') }}
    where changes.units = 'all'
    group by all

),

spans as (

    select
        grains.*,
        conversions.conversion,
        conversions.is_main,
        conversions.has_value,
        least(
            as_of.as_of::date,
            {{ seconds_after('grains.last_counted_from', 'conversions.window_seconds')
            }}::date
        ) as last_day
    from grains
    cross join {{ ref('int_conversions_configured') }} as conversions
    cross join {{ ref('int_as_of') }} as as_of

)

select
    spans.vendor,
    spans.experience,
    spans.audience_segment,
    spans.period,
    spans.conversion,
    spans.is_main,
    spans.has_value,
    spans.first_day,
    spans.last_day,
    -- One for all of an experience: its grains are compared with each other.
    max(spans.last_day) over (
        partition by spans.vendor, spans.experience, spans.period
    ) as experience_last_day,
    max(greatest(spans.first_day, spans.last_day, last_changes.changed_day)) over (
        partition by spans.vendor, spans.experience, spans.period
    ) as last_look_day
from spans
left join last_changes
    on {{ same_grain('spans', 'last_changes') }}
    and spans.conversion = last_changes.conversion
