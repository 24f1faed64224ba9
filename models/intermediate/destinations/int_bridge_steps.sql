-- One row per vendor, grain, conversion, arm and step of the bridge, from the vendor's
-- own totals, where they are known, to ours. Rows of all periods begin with the same
-- figures: a vendor knows no periods.
with

arm_counts as (select * from {{ ref('int_bridge_arm_counts') }}),

reported as (select * from {{ ref('int_reported_totals') }}),

experiences as (

    select vendor, experience, audience_segment from {{ ref('int_bridge_views') }}
    union
    select vendor, experience, audience_segment from reported

),

steps as (

    select step_number as place, step
    from {{ ref('int_bridge_rules') }}
    where step_number > 0
    group by all
    union all
    values (8, 'ours')

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
    left join {{ source('raw', 'config_periods') }} as periods
        on experiences.experience = periods.experience
    cross join {{ source('raw', 'config_conversions') }} as configured
    cross join (values ('personalized'), ('control')) as arms (arm)
    cross join steps

),

counted as (

    select
        cells.vendor, cells.experience, cells.audience_segment, cells.period,
        cells.conversion, cells.arm, cells.place, cells.step,
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
        on cells.vendor = arm_counts.vendor
        and cells.experience = arm_counts.experience
        and cells.audience_segment = arm_counts.audience_segment
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
        on cells.vendor = reported.vendor
        and cells.experience = reported.experience
        and cells.audience_segment = reported.audience_segment
        and cells.conversion = reported.conversion
        and cells.arm = reported.arm
    where cells.place = 1

)

select * from counted
