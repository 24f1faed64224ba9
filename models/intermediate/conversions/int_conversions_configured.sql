-- One row per conversion of lift.yml.
select
    conversion,
    is_main,
    has_value,
    window_seconds
from {{ ref('stg_config__conversions') }}
