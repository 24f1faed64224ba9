{{ config(
    materialized='kept',
    through='connected_components',
    kept_by=['node'],
    touched='int_components_touched',
) }}
-- One row per identifier (node) with its component: weak identifiers seen together are
-- a device, strong ones joined by alias (or one message, when merging on email) are a
-- person. Never one through the other.
with identifiers as (

    select
        identifier_key,
        is_hub
    from {{ ref('int_identifiers_seen') }}

),

hubs as (

    select identifier_key from identifiers where is_hub

)

select
    identifier_key as node_a,
    identifier_key as node_b
from identifiers
where not is_hub
    and {{ only_touched('identifier_key', 'int_components_touched', named='node') }}
union all
-- The other end of a link of a touched identifier is touched too.
select
    identifier_key_a,
    identifier_key_b
from {{ ref('int_identifier_links') }}
where is_strong_a = is_strong_b
    and identifier_key_a not in (select hubs.identifier_key from hubs)
    and identifier_key_b not in (select hubs.identifier_key from hubs)
    and {{ only_touched('identifier_key_a', 'int_components_touched', named='node') }}
