-- What each destination received, and the first reason why it did not.
select destination, outcome, reason, sum(messages)::bigint as messages
from rpt_delivery_summary
group by all
order by destination, outcome, messages desc, reason
