-- One row per identifier that came, went, became a hub or none, or gained or lost a
-- link: where the components may have changed.
with identifiers_changed as (

    select
        identifier_key as node,
        bool_or(is_new and not is_hub) as is_node,
        bool_or(not is_new and not is_hub) as was_node
    from {{ changes('int_identifiers_seen') }}
    group by identifier_key

),

flipped as (

    select node from identifiers_changed where is_node <> was_node

),

links_changed as (

    select
        identifier_key_a,
        identifier_key_b
    from {{ changes('int_identifier_links') }}
    where is_strong_a = is_strong_b
    group by identifier_key_a, identifier_key_b
    having count(*) = 1

),

links as (

    select
        identifier_key_a,
        identifier_key_b
    from {{ ref('int_identifier_links') }}
    where is_strong_a = is_strong_b

)

select node from flipped
union
select identifier_key_a from links_changed
union
select identifier_key_b from links_changed
union
select identifier_key_b
from links
where identifier_key_a in (select flipped.node from flipped)
union
select identifier_key_a
from links
where identifier_key_b in (select flipped.node from flipped)
