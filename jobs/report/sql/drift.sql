-- Properties seen with more than one type.
select event_name, property, types, messages, first_seen_at, last_seen_at
from rpt_schema_drift
order by messages desc, event_name, property
limit 100
