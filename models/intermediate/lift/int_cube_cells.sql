-- One row per study, variant, cohort day, breakdown values, conversion and what units
-- had done: how many such units there are at the last look.
with

units as (

    select units.*, studies.study_id
    from {{ ref('int_unit_outcomes') }} as units
    inner join {{ ref('int_studies') }} as studies
        on {{ same_grain('units', 'studies') }}
    where units.is_last and units.end_day is null

),

breakdowns as (select * from {{ ref('int_unit_breakdowns') }}),

broken_down as (

    select
        units.study_id,
        units.variant,
        units.arm,
        units.first_day as cohort_day,
        units.conversion,
        breakdowns.*,
        units.conversions,
        units.valued_conversions,
        units.value_units,
        units.pre_conversions,
        units.pre_value
    from units
    inner join breakdowns
        on {{ same_grain('units', 'breakdowns') }}
        and units.unit_id = breakdowns.unit_id

),

final as (

    select
        * exclude (vendor, experience, audience_segment, period, unit_id),
        count(*) as visitors
    from broken_down
    group by all

)

select * from final
