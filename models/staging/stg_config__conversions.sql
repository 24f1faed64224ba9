-- One row per conversion of lift.yml; without sources it counts the messages of any.
select
    conversion,
    is_main,
    has_value,
    window_seconds,
    sources
from {{ source('raw', 'config_conversions') }}
