-- One row: the latest receipt not later than now. Every "now" of a published figure is
-- this moment.
select max(received_at) as as_of
from {{ ref('stg_segment__messages') }}
where received_at <= now() at time zone 'UTC'
