-- Whether each destination receives from each source.
select destination, source, status, is_receiving, reason, last_delivered_at
from rpt_integration_status
order by destination, source
