{{ config(materialized='view') }}
-- One row per vendor, grain, conversion, arm with units and step of the bridge, from
-- the vendor's rules to ours; ours are counted by the models of lift.
select
    vendor, experience, audience_segment, period, conversion, arm,
    step_number as place, step,
    sum(visitors) as visitors,
    sum(converters) as converters,
    {{ exact('sum(value_units)') }} as value_units
from {{ ref('int_bridge_counts') }}
where step_number > 0
group by all
union all
select
    units.vendor, units.experience, units.audience_segment, units.period,
    units.conversion, units.arm, 8 as place, 'ours' as step,
    count(*) as visitors,
    count(*) filter (where units.conversions > 0) as converters,
    case
        when not bool_or(mixed.vendor is not null) and bool_or(configured.has_value)
            then {{ exact('sum(units.value_units)') }}
    end as value_units
from {{ ref('int_unit_outcomes') }} as units
inner join {{ source('raw', 'config_conversions') }} as configured
    on units.conversion = configured.conversion
left join {{ ref('int_mixed_currencies') }} as mixed
    on units.vendor = mixed.vendor
    and units.experience = mixed.experience
    and units.conversion = mixed.conversion
    and mixed.mixed_to is null
where units.is_last
    and units.end_day is null
    and units.vendor in (
        select rules.vendor from {{ ref('int_bridge_rules') }} as rules
    )
group by all
