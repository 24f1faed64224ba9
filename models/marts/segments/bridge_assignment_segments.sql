-- One row per assignment and user segment that its unit was in when first exposed.
select
    vendor,
    experience,
    audience_segment,
    period,
    {{ unit_type() }} as unit_type,
    {{ unit_id() }} as unit_id,
    user_segment,
    origin
from {{ ref('int_assignment_segments') }}
