-- One row per exposure message that lacks something: it never counts, as control least
-- of all.
select
    message_id,
    vendor,
    incomplete_reason as reason,
    occurred_at as exposed_at,
    source
from {{ ref('int_resolved_exposures') }}
where incomplete_reason is not null
