-- One row per vendor that has a destination in Segment, with what that receives.
select
    vendor,
    is_named,
    state,
    state = 'active' as is_active,
    region,
    is_region_enforced,
    integration_names,
    accepted_types,
    consent_categories,
    counts_conversions
from {{ source('raw', 'config_destinations') }}
