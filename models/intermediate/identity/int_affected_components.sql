-- One row per component, of a person or a device, in which who absorbed whom, who owned
-- it or when it was first seen may have changed.
with identifiers_changed as (

    select
        identifier_key,
        is_hub
    from {{ delta('int_identifiers') }}

),

-- A hub's links count for nobody: when it becomes one or none, they change unseen.
flipped as (

    select identifier_key
    from identifiers_changed
    group by identifier_key
    having count(distinct is_hub) > 1

),

nodes_changed as (

    select identifier_key as node from identifiers_changed
    union
    select identifier_key_a
    from {{ delta('int_identifier_links') }}
    union
    select identifier_key_b
    from {{ delta('int_identifier_links') }}
    union
    select links.identifier_key_a
    from {{ ref('int_identifier_links') }} as links
    inner join flipped on links.identifier_key_b = flipped.identifier_key
    union
    select links.identifier_key_b
    from {{ ref('int_identifier_links') }} as links
    inner join flipped on links.identifier_key_a = flipped.identifier_key

)

select component
from {{ delta('int_identifier_components') }}
union
select components.component
from {{ ref('int_identifier_components') }} as components
where components.node in (select nodes_changed.node from nodes_changed)
union
select device_key
from {{ delta('int_device_owners') }}
