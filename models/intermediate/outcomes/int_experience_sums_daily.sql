-- One row per grain, conversion, variant, set of units and day, with the sums over the
-- units as of the end of that day. Days after the grain's own last one only serve to
-- compare it with its experience: they are no looks.
with spans as (

    select * from {{ ref('int_experience_spans') }}

),

days as (

    select
        spans.*,
        sets.units,
        unnest(generate_series(
            spans.first_day::timestamp,
            spans.experience_last_day::timestamp,
            interval 1 day
        ))::date as as_of_date
    from spans
    cross join (values ('all'), ('matured')) as sets (units)
    union all
    -- The last look holds everything, also what came after the last day.
    select *, 'all' as units, last_look_day as as_of_date
    from spans
    where last_look_day > experience_last_day
    union all
    select *, 'matured_now' as units, last_look_day as as_of_date
    from spans

),

changes as (

    select
        changes.*,
        case
            when changes.units = 'matured_now' then spans.last_look_day
            else {{ look_day('changes.changed_day', 'spans') }}
        end as look_day
    from {{ ref('int_experience_changes_daily') }} as changes
    inner join spans
        on {{ same_grain('changes', 'spans') }}
        and changes.conversion = spans.conversion
        -- A window that closes after the last day has not closed on any.
        and (
            changes.units <> 'matured'
            or changes.changed_day <= spans.experience_last_day
        )

),

summed_changes as (

    select
        vendor, experience, audience_segment, period, conversion, variant, units,
        look_day,
        {{ summed_outcomes() }}
    from changes
    group by all

),

variants as (

    select vendor, experience, audience_segment, period, variant, any_value(arm) as arm
    from {{ ref('int_assignment_spells') }}
    group by all

),

crossovers as (

    select
        spans.vendor, spans.experience, spans.audience_segment, spans.period,
        spans.conversion,
        {{ look_day('units.crossed_at::date', 'spans') }} as look_day,
        count(*) as crossover_visitors
    from {{ ref('int_units_exposed') }} as units
    inner join spans on {{ same_grain('units', 'spans') }}
    where units.crossed_at is not null
    group by all

)

select
    days.vendor,
    days.experience,
    days.audience_segment,
    days.period,
    days.conversion,
    days.is_main,
    days.has_value,
    days.as_of_date,
    days.as_of_date <= days.last_day or days.as_of_date = days.last_look_day as is_look,
    variants.variant,
    variants.arm,
    days.units,
    {% for name in unit_sums() -%}
    {%- if name in ['visitors', 'split_visitors', 'converters'] -%}
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
    (sum(coalesce(crossovers.crossover_visitors, 0)) over running)::bigint
        as crossover_visitors
from days
inner join variants on {{ same_grain('days', 'variants') }}
left join summed_changes as changes
    on {{ same_grain('days', 'changes') }}
    and days.conversion = changes.conversion
    and variants.variant = changes.variant
    and days.units = changes.units
    and days.as_of_date = changes.look_day
left join crossovers
    on {{ same_grain('days', 'crossovers') }}
    and days.conversion = crossovers.conversion
    and days.as_of_date = crossovers.look_day
left join {{ ref('int_currencies_mixed') }} as mixed_currencies
    on days.vendor = mixed_currencies.vendor
    and days.experience = mixed_currencies.experience
    and days.conversion = mixed_currencies.conversion
    and days.as_of_date >= mixed_currencies.mixed_from
    and days.as_of_date < coalesce(mixed_currencies.mixed_to, date '9999-12-31')
window running as (
    partition by
        days.vendor, days.experience, days.audience_segment, days.period,
        days.conversion, variants.variant, days.units
    order by days.as_of_date
)
