{{ config(materialized='view') }}
-- One row per assignment of a unit, conversion, day on which it converted or was
-- refunded, and change: one unit less of what it was, one more of what it became.
with

outcomes as (

    select outcomes.*, studies.study_id, studies.pooled_study_id
    from {{ ref('int_interval_outcomes') }} as outcomes
    inner join {{ ref('int_studies') }} as studies
        on {{ same_grain('outcomes', 'studies') }}

),

units as (select * from {{ ref('int_unit_outcomes') }}),

totals as (

    select
        *,
        sum(conversions) over so_far as conversions_after,
        sum(valued_conversions) over so_far as valued_conversions_after,
        sum(value_units) over so_far as value_units_after
    from outcomes
    window so_far as (
        partition by study_id, unit_id, variant, counted_from, conversion
        order by outcome_day
    )

),

final as (

    select
        totals.study_id,
        totals.pooled_study_id,
        totals.conversion,
        totals.variant,
        totals.arm,
        totals.outcome_day as changed_day,
        sides.visitors,
        totals.conversions_after - sides.is_before * totals.conversions as conversions,
        totals.valued_conversions_after
        - sides.is_before * totals.valued_conversions as valued_conversions,
        totals.value_units_after - sides.is_before * totals.value_units as value_units,
        units.pre_conversions,
        units.pre_value
    from totals
    cross join (values (-1, 1), (1, 0)) as sides (visitors, is_before)
    inner join units
        on {{ same_interval('totals', 'units') }}
        and totals.conversion = units.conversion

)

select * from final
