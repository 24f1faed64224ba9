{#
    The components of `int_identifier_components`, of which an incremental run finds only
    those that changes affect.

    A component of the build before represents its nodes, under its own name, and its
    edges are not read again. Only where it was torn (it lost a node or a link) are all
    its nodes looked at again, by their links. The
    edges name nodes as `components_affected` does. The nodes of a component that was
    joined to another get the name of the whole.
#}
{% macro identifier_components(edges) -%}
    {%- if is_incremental() -%}
        {{ find_affected_components() }}
    {%- endif -%}
    {%- set found = connected_components(edges) -%}
    {%- if is_incremental() -%}
        {% call statement('found') -%}
            create or replace temp table components_found as {{ found }};
            create or replace temp table components_previous as
            select node, previous_component as component
            from components_affected
            where previous_component is not null
            union all
            select previous.node, previous.component
            from {{ this }} as previous
            inner join components_found as found on previous.component = found.node
            where found.node <> found.component
                and found.node in (select component from components_affected)
                and previous.node not in (select node from components_affected);
            create or replace temp table component_groups as
            select node from components_affected
            union
            select node from components_previous
        {%- endcall %}
        {%- set found -%}
            select affected.node, found.component
            from components_affected as affected
            inner join components_found as found
                on coalesce(affected.component, affected.node) = found.node
            where affected.is_node
            union all
            select previous.node, found.component
            from components_previous as previous
            inner join components_found as found on previous.component = found.node
            where previous.node not in (select node from components_affected)
        {%- endset -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{#
    One row per identifier that is looked at, with its component in the build before
    (previous_component), and whether that still holds together (component).
#}
{% macro find_affected_components() -%}
    {% call statement('affected') -%}
        create or replace temp table components_affected as
        with affected as materialized (
            select
                affected.*,
                previous.component as previous_component
            from {{ ref('int_affected_nodes') }} as affected
            left join {{ this }} as previous on affected.node = previous.node
        ),

        torn as (
            select distinct previous_component from affected where is_torn
        )

        select
            affected.node,
            affected.previous_component,
            case when torn.previous_component is null then affected.previous_component end
                as component,
            affected.is_node,
            -- Of the others the links that came are enough.
            affected.is_freed or torn.previous_component is not null as is_by_links
        from affected
        left join torn on affected.previous_component = torn.previous_component
        union all
        select previous.node, previous.component, null, true, true
        from {{ this }} as previous
        where previous.component in (select previous_component from torn)
            and previous.node not in (select node from affected)
    {%- endcall %}
{%- endmacro %}
