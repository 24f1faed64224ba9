-- One row per identifier whose owners, or their names, may have changed.
with persons_changed as (

    select component from {{ delta('int_persons') }}

),

components_changed as (

    select component from persons_changed
    union
    select device_key
    from {{ delta('int_device_owners') }}
    union
    select device_key
    from {{ ref('int_device_owners') }}
    where person_key in (select persons_changed.component from persons_changed)

)

select identifier_key
from {{ delta('int_identifiers') }}
union
select node
from {{ delta('int_identifier_components') }}
union
select components.node
from {{ ref('int_identifier_components') }} as components
where components.component in (
        select components_changed.component from components_changed
    )
union
select identifier_key
from {{ delta('int_engage_identifiers') }}
