-- One row per vendor, experience, period and day whose daily rows this build makes:
-- from the first day on that may be other than in the build before, the days on which
-- anything changes and those that have rows. What the build before did not hold is made
-- whole.
with spans as (

    select * from {{ ref('int_experience_spans') }}

),

held as (

    select distinct vendor, experience, period, as_of_date
    from {{ held_before('int_experience_lifts_daily', {
        'vendor': 'varchar', 'experience': 'varchar', 'period': 'date', 'as_of_date': 'date'
    }, is_kept=true) }}

),

-- A unit counts from its first day on. That it did more changes nothing before the day
-- on which it did it, which is in its outcomes.
units as (

    select
        {{ all_columns_but([
            'is_new', 'conversions', 'valued_conversions', 'value_units'
        ]) }},
        sum(case when is_new then 1 else -1 end) as side
    from {{ delta('int_unit_outcomes') }}
    group by all

),

crossovers as (

    select
        vendor, experience, audience_segment, period, unit_id,
        crossed_at::date as crossed_day,
        sum(case when is_new then 1 else -1 end) as side
    from {{ delta('int_units_exposed') }}
    where crossed_at is not null
    group by all

),

-- Days that only came to an end later, or sooner, are as they were before that.
prolonged as (

    select
        vendor, experience, period,
        case
            when count(*) = 2 and min(first_day) = max(first_day)
                then (min(last_day) + interval 1 day)::date
            else min(first_day)
        end as affected_from
    from {{ delta('int_experience_spans') }}
    group by vendor, experience, audience_segment, period, conversion

),

currencies as (

    select vendor, experience, mixed_from
    from {{ delta('int_currencies_mixed') }}

),

starts as (

    select vendor, experience, period, first_day as affected_from
    from units
    where side <> 0
    union all
    select vendor, experience, period, outcome_day as affected_from
    from {{ delta('int_interval_outcomes') }}
    union all
    select vendor, experience, period, crossed_day as affected_from
    from crossovers
    where side <> 0
    union all
    select * from prolonged
    union all
    select spans.vendor, spans.experience, spans.period, currencies.mixed_from
    from spans
    inner join currencies
        on spans.vendor = currencies.vendor and spans.experience = currencies.experience
    union all
    select spans.vendor, spans.experience, spans.period, spans.first_day
    from spans
    left join held
        on {{ same_grain('spans', 'held', ['vendor', 'experience', 'period']) }}
    where held.vendor is null

),

affected as (

    select vendor, experience, period, min(affected_from) as affected_from
    from starts
    group by all

),

days as (

    select * from {{ ref('int_experience_days_changed') }}
    union
    select * from held

)

select days.vendor, days.experience, days.period, days.as_of_date
from days
inner join affected
    on {{ same_grain('days', 'affected', ['vendor', 'experience', 'period']) }}
    and days.as_of_date >= affected.affected_from
