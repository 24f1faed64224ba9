select
    source,
    last_received_at,
    delay_p50_seconds,
    late_messages
from rpt_freshness
order by source
