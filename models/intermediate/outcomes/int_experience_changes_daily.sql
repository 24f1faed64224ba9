-- One row per grain, conversion, variant, set of units and day on which any of its sums
-- changed, with the change. The units are all of them, those whose window had closed
-- when the day ended (matured), and those whose window has closed by now (matured_now).
{%- set final = outcome_sums('conversions', 'valued_conversions', 'value_units') %}
with
-- Units that come, cross, mature and leave on the same days change the sums together.
cohorts as (

    select
        units.vendor, units.experience, units.audience_segment, units.period,
        units.conversion, units.variant, units.first_day, units.end_day,
        case
            when units.crossed_at::date > units.first_day then units.crossed_at::date
        end as crossed_day,
        (units.closes_at - interval 1 microsecond)::date as closed_day,
        units.end_day is null and units.closes_at <= as_of.as_of as is_closed_now,
        count(*) as visitors,
        -- Crossovers are left out of the split from the day they cross.
        count(*) filter (
            where units.crossed_at is null or units.crossed_at::date > units.first_day
        ) as split_visitors,
        {{ summed_units(final) }},
        {{ summed_units(covariate_sums()) }}
    from {{ ref('int_unit_outcomes') }} as units
    left join {{ ref('int_as_of') }} as as_of on true
    group by all

),

-- A unit comes without outcomes, is complete when its window closes, and takes all it
-- had added along when its spell ends.
presences as (

    select *, 'all' as units, first_day as changed_day, 1 as sign, 0 as outcome_sign
    from cohorts
    union all
    select *, 'all' as units, end_day as changed_day, -1 as sign, -1 as outcome_sign
    from cohorts
    where end_day is not null
    union all
    select
        *, 'matured' as units, closed_day as changed_day, 1 as sign, 1 as outcome_sign
    from cohorts
    where end_day is null or closed_day < end_day
    union all
    select *, 'matured' as units, end_day as changed_day, -1 as sign, -1 as outcome_sign
    from cohorts
    where closed_day < end_day
    union all
    select
        *,
        'matured_now' as units, first_day as changed_day, 1 as sign, 1 as outcome_sign
    from cohorts
    where is_closed_now

),

changes as (

    select
        vendor, experience, audience_segment, period, conversion, variant, units,
        changed_day,
        sign * visitors as visitors,
        case when sign > 0 then split_visitors else 0 end as split_visitors,
        0 as crossover_visitors,
        {{ weighed_sums(final, 'outcome_sign') }},
        {{ weighed_sums(covariate_sums(), 'sign') }}
    from presences
    union all
    select
        vendor, experience, audience_segment, period, conversion, variant,
        'all' as units,
        crossed_day as changed_day,
        0 as visitors,
        -split_visitors as split_visitors,
        0 as crossover_visitors,
        {{ zeros(final) }},
        {{ zeros(covariate_sums()) }}
    from cohorts
    where crossed_day is not null
    union all
    select
        vendor, experience, audience_segment, period, conversion, variant,
        'all' as units,
        changed_day,
        0 as visitors,
        0 as split_visitors,
        0 as crossover_visitors,
        {{ final | join(', ') }},
        {{ zeros(covariate_sums()) }}
    from {{ ref('int_experience_outcomes_changed_daily') }}
    union all
    -- Counted or not.
    select
        crossed.vendor, crossed.experience, crossed.audience_segment, crossed.period,
        conversions.conversion, crossed.first_variant as variant,
        'all' as units,
        crossed.crossed_at::date as changed_day,
        0 as visitors,
        0 as split_visitors,
        1 as crossover_visitors,
        {{ zeros(final) }},
        {{ zeros(covariate_sums()) }}
    from {{ ref('int_units_exposed') }} as crossed
    cross join {{ ref('int_conversions_configured') }} as conversions
    where crossed.crossed_at is not null

)

select
    vendor, experience, audience_segment, period, conversion, variant, units,
    changed_day,
    {{ summed_outcomes() }}
from changes
group by all
