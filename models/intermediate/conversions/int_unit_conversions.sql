{{ config(materialized='view') }}
-- One row per conversion or refund, message and vendor that counts it, and type of unit
-- of the vendor, with the unit that it carries.
{{ by_unit(ref('int_vendor_conversions')) }}
