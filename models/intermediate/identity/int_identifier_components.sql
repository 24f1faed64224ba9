{{ config(
    materialized='incremental',
    unique_key='node',
    affected='temp.component_groups',
    delta=true,
) }}
-- One row per identifier (node) with its component: weak identifiers seen together are
-- a device, strong ones joined by alias (or one message, when merging on email) are a
-- person. Never one through the other.
{%- if not execute -%}
    {%- do ref('int_affected_nodes') -%}
    {%- do ref('int_identifiers') -%}
{%- endif %}
{% call computed_by('identifier_components') %}
{% if is_incremental() %}
-- A component of the build before represents its nodes.
with nodes as (

    select
        node,
        coalesce(component, node) as name
    from components_affected
    where is_node

),

by_links as (

    select node from components_affected where is_by_links

),

links as (

    select
        identifier_key_a,
        identifier_key_b,
        is_strong_a,
        is_strong_b
    from {{ delta('int_identifier_links') }}
    where is_new
    union all
    select
        identifier_key_a,
        identifier_key_b,
        is_strong_a,
        is_strong_b
    from {{ ref('int_identifier_links') }}
    where identifier_key_a in (select node from by_links)
    union all
    select
        identifier_key_a,
        identifier_key_b,
        is_strong_a,
        is_strong_b
    from {{ ref('int_identifier_links') }}
    where identifier_key_b in (select node from by_links)

)

select
    name as node_a,
    name as node_b
from nodes
union all
select
    nodes_a.name,
    nodes_b.name
from links
inner join nodes as nodes_a on links.identifier_key_a = nodes_a.node
inner join nodes as nodes_b on links.identifier_key_b = nodes_b.node
where links.is_strong_a = links.is_strong_b
{% else %}
with hubs as (

    select identifier_key from {{ ref('int_identifiers') }} where is_hub

)

select
    identifier_key as node_a,
    identifier_key as node_b
from {{ ref('int_identifiers') }}
where not is_hub
union all
select
    links.identifier_key_a,
    links.identifier_key_b
from {{ ref('int_identifier_links') }} as links
left join hubs as hubs_a on links.identifier_key_a = hubs_a.identifier_key
left join hubs as hubs_b on links.identifier_key_b = hubs_b.identifier_key
where links.is_strong_a = links.is_strong_b
    and hubs_a.identifier_key is null
    and hubs_b.identifier_key is null
{% endif %}
{% endcall %}
