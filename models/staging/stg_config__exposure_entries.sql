-- One row per entry of `exposures:`.
select
    entry,
    adapter,
    vendor,
    unit_type,
    control_variants
from {{ source('raw', 'config_exposure_entries') }}
