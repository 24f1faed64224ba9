-- One row per vendor and conversion of lift.yml: what is left of it on the way from the
-- landing zone to its credit.
with vendor_conversions as (

    select
        vendor_units.vendor,
        conversions.conversion
    from {{ source('raw', 'config_vendor_units') }} as vendor_units
    cross join {{ source('raw', 'config_conversions') }} as conversions
    where vendor_units.unit_number = 0

),

copies as (

    select * from {{ ref('stg_segment__copies') }}

),

exposed as (

    select
        vendor,
        person_id
    from {{ ref('fct_exposures') }}
    group by all

),

traced as (

    select
        deliveries.vendor,
        deliveries.conversion,
        1 + coalesce(copies.copies, 0) as raw,
        deliveries.is_first,
        deliveries.is_counted,
        deliveries.is_counted and exposed.person_id is not null as is_matched,
        -- The model `last` has one row of every conversion that is credited.
        credits.message_id is not null as is_attributed
    from {{ ref('int_conversions_delivered') }} as deliveries
    left join copies on deliveries.message_id = copies.message_id
    left join exposed
        on deliveries.vendor = exposed.vendor
        and deliveries.person_id = exposed.person_id
    left join {{ ref('fct_attributions') }} as credits
        on deliveries.vendor = credits.vendor
        and deliveries.conversion = credits.conversion
        and deliveries.message_id = credits.message_id
        and credits.model = 'last'
    where not deliveries.is_refund

)

select
    vendor_conversions.vendor,
    vendor_conversions.conversion,
    coalesce(sum(traced.raw), 0)::bigint as raw,
    count(*) filter (where traced.is_first) as deduped,
    count(*) filter (where traced.is_counted) as delivered,
    count(*) filter (where traced.is_matched) as matched,
    count(*) filter (where traced.is_attributed) as attributed
from vendor_conversions
left join traced
    on vendor_conversions.vendor = traced.vendor
    and vendor_conversions.conversion = traced.conversion
group by vendor_conversions.vendor, vendor_conversions.conversion
