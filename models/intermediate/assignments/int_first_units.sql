{{ config(
    materialized='incremental', unique_key='person_id', affected='int_affected_persons'
) }}
-- One row per grain, person and type of unit with the unit that was exposed first: what
-- a conversion that carries no unit of that type counts for.
select
    vendor,
    experience,
    audience_segment,
    period,
    person_id,
    {{ unit_type() }} as unit_type,
    arg_min(unit_id, {{ message_order() }}) as unit_id
from {{ ref('int_exposures_assigned') }}
where {{ unit_type() }} in ({{ text_literals(types_with_fallback()) }})
    {% if is_incremental() %}
    and person_id in (select person_id from {{ ref('int_affected_persons') }})
    {% endif %}
group by all
