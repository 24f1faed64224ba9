-- One row: the latest receipt not later than the start of the run. Every "now" of a
-- published figure is this moment.
select max(messages.received_at) as as_of
from {{ ref('stg_segment__messages') }} as messages
inner join {{ ref('stg_job__builds') }} as builds
    on messages.received_at <= builds.started_at
