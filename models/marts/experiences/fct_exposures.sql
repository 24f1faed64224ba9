-- One row per exposure message.
select
    message_id,
    vendor,
    experience,
    audience_segment,
    variant,
    arm,
    variation,
    person_id,
    occurred_at as exposed_at,
    received_at,
    source
from {{ ref('int_exposures') }}
