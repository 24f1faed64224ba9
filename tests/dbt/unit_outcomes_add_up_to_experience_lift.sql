-- The sums over the counted units of an arm are the figures of fct_experience_lift, to
-- the last digit: whoever counts the units finds what is published.
with arms as (

    -- Control is one arm, whatever its variants.
    select
        vendor,
        experience,
        audience_segment,
        period,
        conversion,
        arm,
        case when arm = 'personalized' then variant end as variant,
        count(*) as visitors,
        count(*) filter (where is_converted) as converters,
        sum(conversions) as conversions,
        {{ exact('sum(value) * 10000') }} as value_units,
        count(*) filter (where is_matured) as matured_visitors,
        count(*) filter (where is_matured and is_converted) as matured_converters,
        coalesce(sum(conversions) filter (where is_matured), 0) as matured_conversions,
        -- Of no matured unit the value is zero, over two currencies there is none.
        case
            when count(value) > 0
                then {{ exact(
                    'coalesce(sum(value) filter (where is_matured), 0) * 10000'
                ) }}
        end as matured_value_units
    from {{ ref('fct_unit_outcomes') }}
    where is_counted
    group by all

),

metrics as (

    select configured.conversion, known.metric
    from {{ source('raw', 'config_conversions') }} as configured
    inner join (
        values
        ('conversion_rate', false),
        ('conversions_per_visitor', false),
        ('value_per_visitor', true),
        ('value_per_conversion', true)
    ) as known (metric, needs_value)
        on configured.has_value or not known.needs_value

),

counted as (

    select
        arms.vendor,
        arms.experience,
        arms.audience_segment,
        arms.period,
        arms.conversion,
        metrics.metric,
        arms.arm,
        arms.variant,
        arms.visitors,
        arms.converters,
        case metrics.metric
            when 'conversion_rate' then arms.converters
            when 'conversions_per_visitor' then arms.conversions
            else arms.value_units / 10000
        end::double as total,
        arms.matured_visitors,
        arms.matured_converters,
        case metrics.metric
            when 'conversion_rate' then arms.matured_converters
            when 'conversions_per_visitor' then arms.matured_conversions
            else arms.matured_value_units / 10000
        end::double as matured_total
    from arms
    inner join metrics on arms.conversion = metrics.conversion

),

published as (

    select
        vendor,
        experience,
        audience_segment,
        period,
        conversion,
        metric,
        arm,
        variant,
        variant_visitors as visitors,
        variant_converters as converters,
        variant_total as total,
        matured_variant_visitors as matured_visitors,
        matured_variant_converters as matured_converters,
        matured_variant_total as matured_total
    from {{ ref('fct_experience_lift') }}
    where variant_visitors > 0
    union
    select
        vendor,
        experience,
        audience_segment,
        period,
        conversion,
        metric,
        'control' as arm,
        null as variant,
        control_visitors as visitors,
        control_converters as converters,
        control_total as total,
        matured_control_visitors as matured_visitors,
        matured_control_converters as matured_converters,
        matured_control_total as matured_total
    from {{ ref('fct_experience_lift') }}
    where control_visitors > 0

),

found_twice as (

    select * from counted
    intersect
    select * from published

)

select 'fct_unit_outcomes' as found_in, *
from counted
except
select 'fct_unit_outcomes' as found_in, *
from found_twice
union all
select 'fct_experience_lift' as found_in, *
from published
except
select 'fct_experience_lift' as found_in, *
from found_twice
