-- One row per trigger of lift.yml, with the conversion or the entry that it is of.
select
    trigger_number,
    kind,
    conversion,
    entry
from {{ source('raw', 'config_triggers') }}
