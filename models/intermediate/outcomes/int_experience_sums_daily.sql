-- One row per grain, conversion, variant, set of units and look of this build, with the
-- sums over the units as of the end of that day; on the last look over all there is.
-- Days after the grain's own last one serve to compare it with its experience: they are
-- no looks.
{%- set one_period = ['vendor', 'experience', 'period'] %}
with looks as (

    select vendor, experience, period, as_of_date
    from {{ ref('int_affected_experience_days') }}
    union all
    select distinct vendor, experience, period, {{ last_look() }} as as_of_date
    from {{ ref('int_experience_spans') }}

),

first_looks as (

    select vendor, experience, period, min(as_of_date) as first_look
    from looks
    group by all

),

spans as (

    select
        spans.*,
        first_looks.first_look,
        max(spans.last_day) over (
            partition by spans.vendor, spans.experience, spans.period
        ) as experience_last_day
    from {{ ref('int_experience_spans') }} as spans
    inner join first_looks on {{ same_grain('spans', 'first_looks', one_period) }}

),

days as (

    select spans.*, looks.as_of_date, sets.units
    from spans
    inner join looks
        on {{ same_grain('spans', 'looks', one_period) }}
        and spans.first_day <= looks.as_of_date
    inner join (values ('all'), ('matured'), ('matured_now')) as sets (units)
        on sets.units = 'all'
        or (sets.units = 'matured_now') = (looks.as_of_date = {{ last_look() }})

),

-- The first look holds all that changed before it. What comes after the last day is in
-- the last look only, which has its own matured units.
changes as (

    select
        changes.vendor, changes.experience, changes.audience_segment, changes.period,
        changes.conversion, changes.variant, changes.units,
        case
            when changes.units = 'matured_now'
                or changes.changed_day > spans.experience_last_day
                then {{ last_look() }}
            else greatest(changes.changed_day, spans.first_look)
        end as as_of_date,
        {{ summed_outcomes() }}
    from {{ ref('int_experience_changes_daily') }} as changes
    inner join spans
        on {{ same_grain('changes', 'spans') }}
        and changes.conversion = spans.conversion
    group by all

),

variants as (

    select vendor, experience, audience_segment, period, variant, any_value(arm) as arm
    from {{ ref('int_assignment_intervals') }}
    group by all

)

select
    days.vendor, days.experience, days.audience_segment, days.period,
    days.conversion, days.is_main, days.has_value,
    days.as_of_date,
    days.as_of_date <= days.last_day or days.as_of_date = {{ last_look() }} as is_look,
    variants.variant,
    variants.arm,
    {% for name in unit_sums() -%}
    {%- if name.endswith('visitors') or name == 'converters' -%}
    (sum(coalesce(changes.{{ name }}, 0)) over running)::bigint as {{ name }},
    {%- elif name.startswith('value') -%}
    -- A sum over two currencies is no figure.
    case
        when mixed_currencies.mixed_from is null
            then {{ exact('sum(coalesce(changes.' ~ name ~ ', 0)) over running') }}
    end as {{ name }},
    {%- else -%}
    {{ exact('sum(coalesce(changes.' ~ name ~ ', 0)) over running') }} as {{ name }},
    {%- endif %}
    {% endfor -%}
    case when days.units = 'all' then 'all' else 'matured' end as units
from days
inner join variants on {{ same_grain('days', 'variants') }}
left join changes
    on {{ same_grain('days', 'changes') }}
    and days.conversion = changes.conversion
    and variants.variant = changes.variant
    and days.units = changes.units
    and days.as_of_date = changes.as_of_date
left join {{ ref('int_currencies_mixed') }} as mixed_currencies
    on days.vendor = mixed_currencies.vendor
    and days.experience = mixed_currencies.experience
    and days.conversion = mixed_currencies.conversion
    and days.as_of_date >= mixed_currencies.mixed_from
    and coalesce(days.as_of_date < mixed_currencies.mixed_to, true)
window running as (
    partition by
        days.vendor, days.experience, days.audience_segment, days.period,
        days.conversion, variants.variant, days.units
    order by days.as_of_date
)
