-- One row per vendor, grain, conversion, arm and step of the bridge, from the vendor's
-- own totals, where they are known, to ours. Rows of all periods begin with the same
-- figures: a vendor knows no periods.
with

arm_counts as (

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
    inner join {{ ref('stg_config__conversions') }} as configured
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

),

reported as (select * from {{ ref('int_reported_totals') }}),

experiences as (

    select vendor, experience, audience_segment from {{ ref('int_bridge_views') }}
    union
    select vendor, experience, audience_segment from reported

),

cells as (

    select
        experiences.*,
        periods.from_date as period,
        configured.conversion,
        configured.has_value,
        arms.arm,
        steps.place,
        steps.step
    from experiences
    left join {{ ref('stg_config__periods') }} as periods
        on experiences.experience = periods.experience
    cross join {{ ref('stg_config__conversions') }} as configured
    cross join (values ('personalized'), ('control')) as arms (arm)
    cross join (
        select step_number as place, step
        from {{ ref('int_bridge_rules') }}
        where step_number > 0
        group by all
        union all
        values (8, 'ours')
    ) as steps

),

counted as (

    select
        cells.* exclude (has_value),
        coalesce(arm_counts.visitors, 0) as visitors,
        coalesce(arm_counts.converters, 0) as converters,
        -- Over two currencies an experience has no value in any of its rows.
        case
            when
                cells.has_value
                and not bool_or(
                    arm_counts.vendor is not null and arm_counts.value_units is null
                ) over (
                    partition by
                        cells.vendor, cells.experience, cells.conversion, cells.place
                )
                then coalesce(arm_counts.value_units, 0)
        end as value_units
    from cells
    left join arm_counts
        on {{ same_grain('cells', 'arm_counts', ['vendor', 'experience', 'audience_segment']) }}
        and cells.conversion = arm_counts.conversion
        and cells.arm = arm_counts.arm
        and cells.place = arm_counts.place
        and (
            cells.place < 7 or cells.period is not distinct from arm_counts.period
        )
    union all
    select
        cells.vendor, cells.experience, cells.audience_segment, cells.period,
        cells.conversion, cells.arm, 0 as place, 'vendor_reported' as step,
        reported.visitors, reported.converters, reported.value_units
    from cells
    inner join reported
        on {{ same_grain('cells', 'reported', ['vendor', 'experience', 'audience_segment']) }}
        and cells.conversion = reported.conversion
        and cells.arm = reported.arm
    where cells.place = 1

)

select * from counted
