-- One row per vendor and type of its units; where it has several, unit ids begin with
-- theirs.
select
    vendor,
    unit_type,
    unit_number,
    unit_prefix
from {{ source('raw', 'config_vendor_units') }}
