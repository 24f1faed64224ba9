-- One row per total of `reconcile:` that a vendor reports of an arm.
select
    vendor,
    experience,
    audience_segment,
    conversion,
    arm,
    visitors,
    converters,
    value_units
from {{ source('raw', 'config_reported_totals') }}
