-- One row per component in which who absorbed whom may have changed.
with nodes_changed as (

    select identifier_key as node
    from {{ changes('int_identifiers_seen') }}
    union
    select identifier_key_a
    from {{ changes('int_identifier_links') }}
    union
    select identifier_key_b
    from {{ changes('int_identifier_links') }}

)

select component
from {{ changes('int_identifier_components') }}
union
select components.component
from {{ ref('int_identifier_components') }} as components
where components.node in (select nodes_changed.node from nodes_changed)
