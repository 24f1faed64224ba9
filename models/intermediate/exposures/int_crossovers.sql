{{ config(
    materialized='kept', kept_by=['unit_id'], touched='int_exposures_recognised_changed'
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
        and {{ only_touched(
            'views.unit_id', 'int_exposures_recognised_changed', 'unit_id'
        ) }}
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
