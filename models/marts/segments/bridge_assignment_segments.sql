-- One row per assignment and user segment that its unit was in when first exposed.
select
    segments.vendor,
    segments.experience,
    segments.audience_segment,
    segments.period,
    vendor_units.unit_type,
    {{ published_unit_id('segments', 'vendor_units') }} as unit_id,
    segments.user_segment,
    segments.origin
from {{ ref('int_assignment_segments') }} as segments
inner join {{ source('raw', 'config_vendor_units') }} as vendor_units
    on {{ is_unit_of_type('segments', 'vendor_units') }}
