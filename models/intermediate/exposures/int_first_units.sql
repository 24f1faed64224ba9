{{ config(
    materialized='kept',
    kept_by=['person_id'],
    touched='int_exposures_recognised_changed',
) }}
-- One row per grain and person with the unit that was exposed first: what a conversion
-- that carries no unit counts for.
{%- set vendors = vendors_with_fallback() %}
select
    vendor,
    experience,
    audience_segment,
    period,
    person_id,
    arg_min(unit_id, {{ message_order() }}) as unit_id
from {{ ref('int_exposures_assigned') }}
where {{ 'vendor in (' ~ text_literals(vendors) ~ ')' if vendors else 'false' }}
    and {{ only_touched('person_id', 'int_exposures_recognised_changed') }}
group by all
