-- One row per identifier that came, went, became a hub or none, or gained or lost a
-- link: where the components may have changed. is_torn: what held it may fall apart;
-- is_freed: it was a hub, and links of long ago count again.
with identifiers_changed as (

    select
        identifier_key as node,
        bool_or(is_new and not is_hub) as is_node,
        bool_or(not is_new and not is_hub) as was_node,
        bool_or(not is_new and is_hub) as was_hub
    from {{ delta('int_identifiers') }}
    group by identifier_key

),

flipped as (

    select *
    from identifiers_changed
    where is_node <> was_node

),

-- A hub's links count for nobody; once it is none, they all do.
freed as (

    select node from flipped where is_node and was_hub

),

links as (

    select
        identifier_key_a,
        identifier_key_b
    from {{ ref('int_identifier_links') }}
    where is_strong_a = is_strong_b

),

links_changed as (

    select
        identifier_key_a,
        identifier_key_b,
        bool_or(not is_new) as is_lost
    from {{ delta('int_identifier_links') }}
    where is_strong_a = is_strong_b
    group by identifier_key_a, identifier_key_b
    having count(*) = 1

),

affected as (

    select
        node,
        was_node as is_torn,
        node in (select freed.node from freed) as is_freed
    from flipped
    union all
    select
        identifier_key_a,
        is_lost as is_torn,
        false as is_freed
    from links_changed
    union all
    select
        identifier_key_b,
        is_lost as is_torn,
        false as is_freed
    from links_changed
    union all
    select
        identifier_key_b,
        false as is_torn,
        false as is_freed
    from links
    where identifier_key_a in (select freed.node from freed)
    union all
    select
        identifier_key_a,
        false as is_torn,
        false as is_freed
    from links
    where identifier_key_b in (select freed.node from freed)

),

no_nodes as (

    select node from flipped where was_node
    union all
    select identifier_key from {{ ref('int_identifiers') }} where is_hub

)

select
    node,
    node not in (select no_nodes.node from no_nodes) as is_node,
    bool_or(is_torn) as is_torn,
    bool_or(is_freed) as is_freed
from affected
group by node
