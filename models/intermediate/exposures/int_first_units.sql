-- One row per grain and person with the unit that was exposed first: what a conversion
-- that carries no unit counts for.
select
    vendor,
    experience,
    audience_segment,
    period,
    person_id,
    arg_min(unit_id, {{ message_order() }}) as unit_id
from {{ ref('int_exposures_assigned') }}
where person_id is not null
group by all
