-- One row per vendor, experience, period and day on which any of its daily rows may be
-- other than the day before, from its first day to its last.
with spans as (

    select * from {{ ref('int_experience_spans') }}

),

ends as (

    select vendor, experience, period, max(last_day) as last_day
    from spans
    group by all

),

currencies as (

    select vendor, experience, mixed_from as changed_day
    from {{ ref('int_currencies_mixed') }}
    union all
    select vendor, experience, mixed_to
    from {{ ref('int_currencies_mixed') }}

),

days as (

    select vendor, experience, period, changed_day
    from {{ ref('int_experience_changes_daily') }}
    where units in ('all', 'matured')
    union
    select vendor, experience, period, first_day from spans
    union
    -- Rows that end leave the family of those that go on.
    select vendor, experience, period, (last_day + interval 1 day)::date from spans
    union
    select spans.vendor, spans.experience, spans.period, currencies.changed_day
    from spans
    inner join currencies
        on spans.vendor = currencies.vendor
        and spans.experience = currencies.experience
        and spans.first_day <= currencies.changed_day

)

select days.vendor, days.experience, days.period, days.changed_day as as_of_date
from days
inner join ends on {{ same_grain('days', 'ends', ['vendor', 'experience', 'period']) }}
where days.changed_day <= ends.last_day
