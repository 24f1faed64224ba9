-- One row per unit whose spells or conversions may have changed.
with conversions as (

    select
        conversions.person_id,
        {{ unit_id('conversions', 'vendor_units') }} as unit_id
    from {{ changes('int_conversions_delivered') }} as conversions
    inner join {{ ref('stg_config__vendor_units') }} as vendor_units
        on conversions.vendor = vendor_units.vendor

)

select unit_id
from {{ changes('int_assignment_spells') }}
union
select unit_id
from conversions
where unit_id is not null
union
select unit_id
from {{ changes('int_first_units') }}
union
select unit_id
from {{ ref('int_first_units') }}
where
    person_id in (
        select conversions.person_id
        from conversions
        where conversions.unit_id is null
    )
