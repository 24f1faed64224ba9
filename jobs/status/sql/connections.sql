-- By the clock, where the publication goes by as-of: a job that has not run for days must
-- not say that all is well.
select
    destination,
    source,
    status,
    coalesce(last_delivered_at >= $now - to_seconds($stale_after), false) as is_receiving,
    case
        when coalesce(last_delivered_at >= $now - to_seconds($stale_after), false) then null
        else coalesce(reason, 'no_events')
    end as reason,
    last_delivered_at
from rpt_integration_status
order by destination, source
