-- One row per trigger of lift.yml, with the conversion or the entry that it is of;
-- without sources it takes the messages of any.
select
    trigger_number,
    kind,
    conversion,
    entry,
    sources
from {{ source('raw', 'config_triggers') }}
