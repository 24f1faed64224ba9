{{ config(
    materialized='incremental',
    unique_key='unit_id',
    affected='int_spell_conversions__delta',
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
    {% if is_incremental() %}
    and unit_id in (
        select unit_id from {{ delta('int_spell_conversions') }}
    )
    {% endif %}
group by all
