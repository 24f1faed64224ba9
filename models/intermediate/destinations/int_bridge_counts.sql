-- One row per vendor, step of its bridge, grain, variant with units and conversion:
-- visitors, those who converted and the value of it all; null over two currencies.
with

rules as (select * from {{ ref('int_bridge_rules') }}),

units as (select * from {{ ref('int_bridge_units') }}),

outcomes as (select * from {{ ref('int_bridge_outcomes') }}),

configured as (select * from {{ source('raw', 'config_conversions') }}),

as_of as (select * from {{ ref('int_as_of') }}),

visitors as (

    select
        rules.vendor,
        rules.step_number,
        rules.step,
        units.experience,
        units.audience_segment,
        units.period,
        units.variant,
        units.arm,
        count(*) as visitors
    from rules
    inner join units
        on rules.vendor = units.vendor and rules.assigned_by = units.step_number
    cross join as_of
    where {{ is_recent_visitor() }}
    group by all

),

converted as (

    select
        vendor,
        step_number,
        experience,
        audience_segment,
        period,
        variant,
        conversion,
        count(*) filter (where conversions > 0) as converters,
        {{ exact('sum(value_units)') }} as value_units
    from outcomes
    group by all

),

currencies as (

    select
        vendor,
        step_number,
        experience,
        conversion,
        unnest(currencies) as currency
    from outcomes

),

mixed as (

    select vendor, step_number, experience, conversion
    from currencies
    group by all
    having count(distinct currency) > 1

),

final as (

    select
        visitors.*,
        configured.conversion,
        coalesce(converted.converters, 0) as converters,
        case
            when configured.has_value and mixed.vendor is null
                then {{ exact('coalesce(converted.value_units, 0)') }}
        end as value_units
    from visitors
    cross join configured
    left join converted
        on {{ same_grain('visitors', 'converted') }}
        and visitors.step_number = converted.step_number
        and visitors.variant = converted.variant
        and configured.conversion = converted.conversion
    left join mixed
        on visitors.vendor = mixed.vendor
        and visitors.step_number = mixed.step_number
        and visitors.experience = mixed.experience
        and configured.conversion = mixed.conversion

)

select * from final
