{{ config(
    materialized='incremental',
    unique_key='unit_id',
    affected='int_spell_units_touched',
    delta=true,
) }}
-- One row per spell of a unit and conversion: all it did in its window and in the
-- look-back, and when its window closes.
with outcomes as (

    select
        vendor, experience, audience_segment, period, unit_id, variant, counted_from,
        conversion,
        sum(conversions) as conversions,
        sum(valued_conversions) as valued_conversions,
        sum(value_units) as value_units
    from {{ ref('int_spell_outcomes') }}
    group by all

)

select
    spells.vendor,
    spells.experience,
    spells.audience_segment,
    spells.period,
    spells.unit_id,
    spells.variant,
    spells.arm,
    spells.counted_from,
    spells.first_day,
    spells.end_day,
    spells.crossed_at,
    spells.is_last,
    conversions.conversion,
    {{ seconds_after('spells.counted_from', 'conversions.window_seconds') }}
        as closes_at,
    {{ exact('coalesce(outcomes.conversions, 0)') }} as conversions,
    {{ exact('coalesce(outcomes.valued_conversions, 0)') }} as valued_conversions,
    {{ exact('coalesce(outcomes.value_units, 0)') }} as value_units,
    {{ exact('coalesce(covariates.pre_conversions, 0)') }} as pre_conversions,
    {{ exact('coalesce(covariates.pre_value, 0)') }} as pre_value
from {{ ref('int_assignment_spells') }} as spells
cross join {{ ref('int_conversions_configured') }} as conversions
left join outcomes
    on {{ same_spell('spells', 'outcomes') }}
    and conversions.conversion = outcomes.conversion
left join {{ ref('int_spell_covariates') }} as covariates
    on {{ same_spell('spells', 'covariates') }}
    and conversions.conversion = covariates.conversion
where (spells.end_day is null or spells.first_day < spells.end_day)
    {% if is_incremental() %}
    and spells.unit_id in (
        select unit_id from {{ ref('int_spell_units_touched') }}
    )
    {% endif %}
