-- One row per snake_case of an event name, with the name as lift.yml spells it.
select
    snake_name,
    event_name
from {{ source('raw', 'config_event_spellings') }}
