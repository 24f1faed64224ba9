-- One row: when the run began that builds these models. Where dbt runs alone, that is
-- now.
select coalesce(max(started_at), now() at time zone 'UTC') as started_at
from {{ source('raw', 'builds') }}
