-- One row per entry of `exposures:`; without sources it takes those of any.
select
    entry,
    adapter,
    vendor,
    unit_type,
    sources,
    control_variants
from {{ source('raw', 'config_exposure_entries') }}
