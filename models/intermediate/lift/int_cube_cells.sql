-- One row per study, variant, cohort day, breakdown values, conversion and what units had
-- done: how many such units there are at the last look.
with

units as (

    select * from {{ ref('int_unit_outcomes') }} where is_last and end_day is null

),

breakdowns as (select * from {{ ref('int_unit_breakdowns') }}),

studies as (select * from {{ ref('int_studies') }}),

final as (

    select
        studies.study_id,
        units.variant,
        units.arm,
        units.first_day as cohort_day,
        units.conversion,
        breakdowns.* exclude (vendor, experience, audience_segment, period, unit_id),
        units.conversions,
        units.valued_conversions,
        units.value_units,
        units.pre_conversions,
        units.pre_value,
        count(*) as visitors
    from units
    inner join breakdowns
        on {{ same_grain('units', 'breakdowns') }}
        and units.unit_id = breakdowns.unit_id
    inner join studies on {{ same_grain('units', 'studies') }}
    group by all

)

select * from final
