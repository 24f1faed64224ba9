-- One row per old event name, with the name that keeps its history.
select
    event_name,
    canonical_name
from {{ source('raw', 'config_event_aliases') }}
