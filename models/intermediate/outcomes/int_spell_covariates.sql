{{ config(
    materialized='kept', kept_by=['unit_id'], touched='int_spell_conversions_changed'
) }}
-- One row per spell of a unit and conversion with what the unit did in the look-back
-- before it was exposed.
select
    vendor,
    experience,
    audience_segment,
    period,
    unit_id,
    variant,
    counted_from,
    conversion,
    {{ exact('count(*) filter (where not is_refund)') }} as pre_conversions,
    {{ exact('coalesce(sum(value_units), 0)') }} as pre_value
from {{ ref('int_spell_conversions') }}
where is_before
    and {{ only_touched('unit_id', 'int_spell_conversions_changed') }}
group by all
