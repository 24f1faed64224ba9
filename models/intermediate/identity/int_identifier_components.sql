{{ config(materialized='connected_components') }}
-- One row per identifier (node) with its component: weak identifiers seen together are
-- a device, strong ones joined by alias (or one message, when merging on email) are a
-- person. Never one through the other.
with identifiers as (

    select * from {{ ref('int_identifiers_seen') }} where not is_hub

)

select identifier_key as node_a, identifier_key as node_b
from identifiers
union all
select links.identifier_key_a, links.identifier_key_b
from {{ ref('int_identifier_links') }} as links
inner join identifiers as identifiers_a
    on links.identifier_key_a = identifiers_a.identifier_key
inner join identifiers as identifiers_b
    on links.identifier_key_b = identifiers_b.identifier_key
where links.is_strong_a = links.is_strong_b
