{{ config(materialized='view') }}
-- One row per study, population, breakdown and value, conversion, metric, day, variant,
-- and what units measured: how many more of such units there were than the day before.
-- A metric is a ratio of two sums over units, of numerator and denominator; a mean's
-- denominator is one per unit. Its covariate is what the unit did before its exposure,
-- in the numerator's own terms.
with

changes as (select * from {{ ref('int_daily_changes') }} where variant is not null),

breakdowns as (select * from {{ ref('int_breakdown_units') }}),

caps as (select * from {{ ref('int_winsorized_caps') }}),

conversions as (select * from {{ source('raw', 'config_conversions') }}),

metrics as (

    select conversions.conversion, known.metric, known.unit_scale
    from conversions
    inner join (
        -- Values are in units of 1/10,000.
        values
        ('conversion_rate', 1),
        ('conversions_per_visitor', 1),
        ('value_per_visitor', 10000),
        ('value_per_conversion', 10000)
    ) as known (metric, unit_scale)
        on conversions.has_value or known.unit_scale = 1

),

units as (

    select
        study_id, population, null as breakdown, null as value, conversion,
        changed_day, variant, arm,
        conversions, valued_conversions, value_units, pre_conversions, pre_value,
        visitors, crossover_visitors
    from changes
    union all
    select
        study_id, 'breakdown' as population, breakdown, value, conversion,
        {{ last_look() }} as changed_day, variant, arm,
        conversions, valued_conversions, value_units, pre_conversions, pre_value,
        visitors, 0 as crossover_visitors
    from breakdowns

),

measures as (

    select
        units.study_id, units.population, units.breakdown, units.value,
        units.conversion, metrics.metric, metrics.unit_scale,
        units.changed_day, units.variant, units.arm,
        units.visitors, units.crossover_visitors,
        (units.conversions > 0)::integer as is_converter,
        case metrics.metric
            when 'conversion_rate' then (units.conversions > 0)::integer
            when 'conversions_per_visitor' then units.conversions
            else units.value_units
        end as numerator,
        case metrics.metric
            when 'value_per_conversion' then units.valued_conversions
            else 1
        end as denominator,
        case metrics.metric
            when 'conversion_rate' then (units.pre_conversions > 0)::integer
            when 'conversions_per_visitor' then units.pre_conversions
            else units.pre_value
        end as covariate
    from units
    inner join metrics on units.conversion = metrics.conversion

),

final as (

    select * from measures
    union all
    -- As of the last look, with each unit's total capped; apart for each variant.
    select
        measures.study_id, 'winsorized' as population, null as breakdown,
        caps.variant as value,
        measures.conversion, measures.metric, measures.unit_scale,
        {{ last_look() }} as changed_day, measures.variant, measures.arm,
        measures.visitors, 0 as crossover_visitors, measures.is_converter,
        least(measures.numerator, caps.cap) as numerator,
        measures.denominator, measures.covariate
    from measures
    inner join caps
        on measures.study_id = caps.study_id
        and measures.conversion = caps.conversion
        and measures.metric = caps.metric
        and (measures.arm = 'control' or measures.variant = caps.variant)
    where measures.population = 'all'

)

select * from final
