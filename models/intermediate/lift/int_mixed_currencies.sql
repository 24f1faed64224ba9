-- One row per experience, conversion and run of days on which units count conversions
-- in more than one currency: from mixed_from on, until the day before mixed_to.
with changes as (

    select
        vendor,
        experience,
        conversion,
        unnest(currencies) as currency,
        outcome_day as changed_day,
        1 as change
    from {{ ref('int_interval_outcomes') }}
    union all
    -- A spell that ends takes its currencies along.
    select
        vendor,
        experience,
        conversion,
        unnest(currencies) as currency,
        end_day as changed_day,
        -1 as change
    from {{ ref('int_interval_outcomes') }}
    where end_day is not null

),

summed as (

    select vendor, experience, conversion, currency, changed_day, sum(change) as change
    from changes
    group by all

),

counted as (

    select
        *,
        sum(change) over (
            partition by vendor, experience, conversion, currency order by changed_day
        ) as counted_after
    from summed

),

present as (

    select
        vendor,
        experience,
        conversion,
        changed_day,
        sum(
            sum((counted_after > 0)::integer - (counted_after - change > 0)::integer)
        ) over (
            partition by vendor, experience, conversion order by changed_day
        ) as currencies
    from counted
    group by vendor, experience, conversion, changed_day

),

spans as (

    select
        *,
        lead(changed_day) over (
            partition by vendor, experience, conversion order by changed_day
        ) as next_changed_day
    from present

)

select
    vendor,
    experience,
    conversion,
    changed_day as mixed_from,
    next_changed_day as mixed_to
from spans
where currencies > 1
