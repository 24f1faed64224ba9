-- One row per exposure message.
select
    exposures.message_id,
    exposures.vendor,
    exposures.experience,
    exposures.audience_segment,
    exposures.variant,
    exposures.arm,
    exposures.variation,
    exposures.person_id,
    exposures.occurred_at as exposed_at,
    exposures.received_at,
    exposures.source,
    exposures.outcome,
    exposures.assigned_segment,
    exposures.period,
    vendor_units.unit_type,
    {{ published_unit_id('exposures', 'vendor_units') }} as unit_id
from {{ ref('int_exposures') }} as exposures
left join {{ source('raw', 'config_vendor_units') }} as vendor_units
    on {{ is_unit_of_type('exposures', 'vendor_units') }}
