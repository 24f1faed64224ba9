-- One row per conversion of lift.yml.
select
    conversion,
    is_main,
    has_value,
    window_seconds
from {{ source('raw', 'config_conversions') }}
