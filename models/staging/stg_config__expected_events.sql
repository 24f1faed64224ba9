-- One row per conversion or vendor and event name that its trigger asks for.
select
    subject,
    event_name
from {{ source('raw', 'config_expected_events') }}
