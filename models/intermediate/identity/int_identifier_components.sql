{{ config(
    materialized='kept',
    through='connected_components',
    kept_by=['node'],
    touched='int_components_touched',
) }}
-- One row per identifier (node) with its component: weak identifiers seen together are
-- a device, strong ones joined by alias (or one message, when merging on email) are a
-- person. Never one through the other.
with hubs as (

    select identifier_key from {{ ref('int_identifiers_seen') }} where is_hub

),

-- The other end of a link of a touched identifier is touched too.
links as (

    select
        identifier_key_a,
        identifier_key_b
    from {{ ref('int_identifier_links') }}
    where
        is_strong_a = is_strong_b
        and {{ only_touched(
            'identifier_key_a', 'int_components_touched', named='node'
        ) }}

)

select
    identifier_key as node_a,
    identifier_key as node_b
from {{ ref('int_identifiers_seen') }}
where not is_hub
    and {{ only_touched('identifier_key', 'int_components_touched', named='node') }}
union all
select
    links.identifier_key_a,
    links.identifier_key_b
from links
left join hubs as hubs_a on links.identifier_key_a = hubs_a.identifier_key
left join hubs as hubs_b on links.identifier_key_b = hubs_b.identifier_key
where hubs_a.identifier_key is null and hubs_b.identifier_key is null
