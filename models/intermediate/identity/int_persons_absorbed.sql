{{ config(
    materialized='incremental',
    unique_key='component',
    affected='int_affected_components',
) }}
-- One row per identifier that ceased to name a person (node), with the link that joined
-- its component to an elder one or led its device to the first login.
{% call computed_by('absorptions') %}
with nodes as (

    select
        components.component,
        components.node,
        seen.id_type,
        seen.id_value,
        seen.first_message
    from {{ ref('int_identifier_components') }} as components
    inner join {{ ref('int_identifiers') }} as seen
        on components.node = seen.identifier_key
    {% if is_incremental() %}
    where component in (select component from {{ ref('int_affected_components') }})
    {% endif %}

),

hubs as (

    select identifier_key from {{ ref('int_identifiers') }} where is_hub

),

links as (

    select
        nodes.component,
        nodes.node as node_a,
        case when links.is_strong_a = links.is_strong_b then links.identifier_key_b end
            as node_b,
        links.*
    from {{ ref('int_identifier_links') }} as links
    inner join nodes
        on nodes.node = case
            when links.is_strong_a and not links.is_strong_b then links.identifier_key_b
            else links.identifier_key_a
        end
    where links.identifier_key_a not in (select hubs.identifier_key from hubs)
        and links.identifier_key_b not in (select hubs.identifier_key from hubs)

),

-- A link to a person is a login, and a device counts its first one only: it stands for
-- a node of its own (node_b null), which is elder than all others.
joining as (

    select *
    from links
    qualify
        node_b is not null
        or row_number() over (
            partition by node_a, node_b is null
            order by first_message, id_type_a, id_value_a, id_type_b, id_value_b
        ) = 1

),

aged as (

    select
        node,
        is_login,
        row_number() over (
            order by
                not is_login, id_type <> 'user_id', first_message, id_type, id_value
        ) as age
    from (
        select node, false as is_login, id_type, id_value, first_message from nodes
        union all
        select
            nodes.node,
            true as is_login,
            nodes.id_type,
            nodes.id_value,
            joining.first_message
        from nodes
        inner join joining on nodes.node = joining.node_a and joining.node_b is null
    ) as all_nodes

)

select
    joining.component,
    joining.node_a,
    joining.node_b,
    joining.identifier_key_a,
    joining.identifier_key_b,
    ages_a.age as age_a,
    ages_b.age as age_b,
    row_number() over (
        order by
            joining.first_message, joining.id_type_a, joining.id_value_a,
            joining.id_type_b, joining.id_value_b
    ) as edge
from joining
inner join aged as ages_a on joining.node_a = ages_a.node and not ages_a.is_login
inner join aged as ages_b
    on coalesce(joining.node_b, joining.node_a) = ages_b.node
    and (joining.node_b is null) = ages_b.is_login
{% endcall %}
