{{ config(
    materialized='incremental',
    unique_key='unit_id',
    affected='int_affected_units',
) }}
-- One row per grain and unit that saw more than one variant, with why: one identifier
-- was shown both, or identifiers that were shown different ones are of one unit.
with variants_shown as (

    select
        views.vendor,
        views.experience,
        views.audience_segment,
        views.period,
        views.unit_id,
        views.identifier,
        count(distinct views.variant) as variants
    from {{ ref('int_exposures_assigned') }} as views
    inner join {{ ref('int_units_exposed') }} as units
        on {{ same_grain('views', 'units') }}
        and views.unit_id = units.unit_id
    where units.crossed_at is not null
    {% if is_incremental() %}
        and views.unit_id in (select unit_id from {{ ref('int_affected_units') }})
    {% endif %}
    group by all

)

select
    vendor,
    experience,
    audience_segment,
    period,
    unit_id,
    case
        when max(variants) > 1 then 'same_identifier' else 'merged_identifiers'
    end as cause
from variants_shown
group by all
