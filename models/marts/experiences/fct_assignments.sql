-- One row per experience, audience segment (with (all)), period and unit.
select
    units.vendor,
    units.experience,
    units.audience_segment,
    units.period,
    vendor_units.unit_type,
    {{ published_unit_id('units', 'vendor_units') }} as unit_id,
    spells.variant,
    spells.arm,
    spells.counted_from as first_exposed_at,
    units.last_exposed_at,
    units.impressions,
    units.crossed_at is not null as is_crossover,
    units.crossover_cause,
    spells.end_day is null as is_counted
from {{ ref('int_units_exposed') }} as units
inner join {{ ref('int_assignment_intervals') }} as spells
    on {{ same_grain('units', 'spells') }}
    and units.unit_id = spells.unit_id
    and spells.is_last
inner join {{ source('raw', 'config_vendor_units') }} as vendor_units
    on {{ is_unit_of_type('units', 'vendor_units') }}
