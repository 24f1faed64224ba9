{{ config(materialized='view') }}
-- One row per conversion or refund that a vendor counts and type of unit of the vendor,
-- with the unit that its message carries; null where it carries none.
select
    conversions.*,
    vendor_units.unit_type,
    {{ unit_id('conversions', 'vendor_units') }} as unit_id
from {{ ref('int_vendor_conversions') }} as conversions
inner join {{ source('raw', 'config_vendor_units') }} as vendor_units
    on conversions.vendor = vendor_units.vendor
