{{ config(materialized='view') }}
-- One row per vendor, step of its bridge, grain, unit that converted or was refunded in
-- its time, and conversion: all that it did in that time.
with

rules as (select * from {{ ref('int_bridge_rules') }}),

units as (select * from {{ ref('int_bridge_units') }}),

conversions as (select * from {{ ref('int_bridge_conversions') }}),

configured as (select * from {{ source('raw', 'config_conversions') }}),

first_units as (select * from {{ ref('int_bridge_first_units') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- What carries no unit of a type is of the unit in which its person was exposed first.
owned as (

    select
        conversions.vendor,
        conversions.counting,
        conversions.unit_kind,
        conversions.conversion,
        conversions.occurred_at,
        conversions.is_refund,
        conversions.value_units,
        conversions.currency,
        conversions.copies,
        conversions.unit_id,
        null as assigned_by,
        null as experience,
        null as audience_segment,
        null::date as period
    from conversions
    where conversions.unit_id is not null
    union all
    select
        conversions.vendor,
        conversions.counting,
        conversions.unit_kind,
        conversions.conversion,
        conversions.occurred_at,
        conversions.is_refund,
        conversions.value_units,
        conversions.currency,
        conversions.copies,
        first_units.unit_id,
        first_units.step_number as assigned_by,
        first_units.experience,
        first_units.audience_segment,
        first_units.period
    from conversions
    inner join first_units
        on conversions.vendor = first_units.vendor
        and conversions.person_id = first_units.person_id
        and conversions.unit_type = first_units.unit_type
    where conversions.unit_id is null and conversions.unit_kind = 'configured'

),

final as (

    select
        rules.vendor,
        rules.step_number,
        units.experience,
        units.audience_segment,
        units.period,
        units.unit_id,
        units.variant,
        units.arm,
        units.counted_from,
        owned.conversion,
        count(*) filter (where not owned.is_refund) as conversions,
        {{ exact('coalesce(sum(owned.value_units * owned.copies), 0)') }}
            as value_units,
        -- A refund counts with the currencies as soon as it takes a value back.
        list(distinct owned.currency order by owned.currency) filter (
            where owned.currency is not null
            and (not owned.is_refund or owned.value_units is not null)
        ) as currencies
    from rules
    inner join units
        on rules.vendor = units.vendor and rules.assigned_by = units.step_number
    inner join owned
        on rules.vendor = owned.vendor
        and rules.counting = owned.counting
        and rules.unit_kind = owned.unit_kind
        and units.unit_id = owned.unit_id
        and (
            owned.assigned_by is null or (
                units.step_number = owned.assigned_by
                and units.experience = owned.experience
                and units.audience_segment = owned.audience_segment
                and units.period is not distinct from owned.period
            )
        )
    inner join configured on owned.conversion = configured.conversion
    cross join as_of
    where owned.occurred_at >= units.counted_from
        and case rules.time_limit
            when 'window'
                then owned.occurred_at < {{ seconds_after(
                    'units.counted_from', 'configured.window_seconds'
                ) }}
            when 'seven_days'
                then owned.occurred_at < units.counted_from + interval 7 day
            else owned.occurred_at <= as_of.as_of
        end
        and {{ is_recent_visitor() }}
    group by all

)

select * from final
