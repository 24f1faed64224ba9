{{ config(
    materialized='incremental', unique_key=['study_id', 'conversion'], delta=true
) }}
-- One row per study, conversion, population, day, variant and what units had done by
-- then: how many more of such units there were than the day before. Populations are all
-- units, and those whose window had closed when the day ended (matured); at the last
-- look, those whose window has closed by now. A day that changes figures without a unit
-- has a row without a variant.
with

units as (

    select units.*, studies.study_id, studies.pooled_study_id
    from {{ ref('int_unit_outcomes') }} as units
    inner join {{ ref('int_studies') }} as studies
        on {{ same_grain('units', 'studies') }}

),

conversion_changes as (select * from {{ ref('int_conversion_changes') }}),

events as (select * from {{ ref('int_study_events') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- Units that come, mature and leave on the same days, having done the same.
cohorts as (

    select
        units.study_id, units.pooled_study_id, units.conversion,
        units.variant, units.arm, units.first_day, units.end_day,
        (units.closes_at - interval 1 microsecond)::date as closed_day,
        coalesce(units.closes_at <= as_of.as_of, false) as is_closed_now,
        units.conversions, units.valued_conversions, units.value_units,
        units.pre_conversions, units.pre_value,
        count(*) as visitors,
        -- Crossovers are left out of the split from the day they cross.
        count(*) filter (
            where units.crossed_at is null or units.crossed_at::date > units.first_day
        ) as split_visitors
    from units
    left join as_of on true
    group by all

),

-- A unit comes without outcomes, is complete when its window closes, and takes all it
-- had done along when its assignment ends.
stays as (

    select
        cohorts.*,
        known.population,
        known.sign,
        (known.population <> 'all' or known.sign < 0)::integer as is_complete,
        case known.moment
            when 'comes' then cohorts.first_day
            when 'matures' then cohorts.closed_day
            when 'leaves' then cohorts.end_day
            else {{ last_look() }}
        end as changed_day
    from cohorts
    inner join (
        values
        ('all', 'comes', 1), ('all', 'leaves', -1),
        ('matured', 'matures', 1), ('matured', 'leaves', -1), ('matured', 'is open', -1)
    ) as known (population, moment, sign)
        on case known.moment
            when 'leaves' then cohorts.end_day is not null
            when 'is open' then cohorts.end_day is null and not cohorts.is_closed_now
            else true
        end
        and (
            known.population = 'all'
            or coalesce(cohorts.closed_day < cohorts.end_day, true)
        )

),

changes as (

    select
        study_id, pooled_study_id, conversion, population, changed_day, variant, arm,
        is_complete * conversions as conversions,
        is_complete * valued_conversions as valued_conversions,
        is_complete * value_units as value_units,
        pre_conversions, pre_value,
        sign * visitors as visitors,
        greatest(sign, 0) * split_visitors as split_visitors,
        0 as crossover_visitors
    from stays
    union all
    select
        study_id, pooled_study_id, conversion, 'all' as population, changed_day,
        variant, arm, conversions, valued_conversions, value_units, pre_conversions,
        pre_value, visitors, 0 as split_visitors, 0 as crossover_visitors
    from conversion_changes
    union all
    select
        study_id, pooled_study_id, conversion, 'all' as population, changed_day,
        variant, arm, 0 as conversions, 0 as valued_conversions, 0 as value_units,
        0 as pre_conversions, 0 as pre_value, 0 as visitors, split_visitors,
        crossover_visitors
    from events

)

select
    * exclude (visitors, split_visitors, crossover_visitors),
    sum(visitors)::bigint as visitors,
    sum(split_visitors)::bigint as split_visitors,
    sum(crossover_visitors)::bigint as crossover_visitors
from changes
group by all
having
    visitors <> 0
    or split_visitors <> 0
    or crossover_visitors <> 0
    or variant is null
