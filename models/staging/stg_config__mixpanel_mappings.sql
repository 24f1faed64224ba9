-- One row per mapping of Mixpanel that is enabled, with the trigger that it fires by.
select
    trigger_number,
    mapping_number,
    mapping,
    action
from {{ source('raw', 'config_mixpanel_mappings') }}
