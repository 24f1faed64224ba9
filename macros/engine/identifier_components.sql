{#
    The components of `int_identifier_components`, of which an incremental run finds only
    those that changes affect.

    What a component held together since the build before, it still does: it stands for
    its nodes, under its own name, and its edges are not read again. Only where it was
    torn (it lost a node or a link) are all its nodes looked at anew, by their links. The
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
            create or replace temp table components_held as
            select node, held_component as component
            from components_affected
            where held_component is not null
            union all
            select held.node, held.component
            from {{ this }} as held
            inner join components_found as found on held.component = found.node
            where found.node <> found.component
                and found.node in (select component from components_affected)
                and held.node not in (select node from components_affected);
            create or replace temp table component_groups as
            select node from components_affected
            union
            select node from components_held
        {%- endcall %}
        {%- set found -%}
            select touched.node, found.component
            from components_affected as touched
            inner join components_found as found
                on coalesce(touched.component, touched.node) = found.node
            where touched.is_node
            union all
            select held.node, found.component
            from components_held as held
            inner join components_found as found on held.component = found.node
            where held.node not in (select node from components_affected)
        {%- endset -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{#
    One row per identifier that is looked at, with what held it before (held_component)
    and still does (component).
#}
{% macro find_affected_components() -%}
    {% call statement('touched') -%}
        create or replace temp table components_affected as
        with touched as materialized (
            select
                touched.*,
                held.component as held_component
            from {{ ref('int_affected_nodes') }} as touched
            left join {{ this }} as held on touched.node = held.node
        ),

        torn as (
            select distinct held_component from touched where is_torn
        )

        select
            touched.node,
            touched.held_component,
            case when torn.held_component is null then touched.held_component end
                as component,
            touched.is_node,
            -- Of the others the links that came are enough.
            touched.is_freed or torn.held_component is not null as is_by_links
        from touched
        left join torn on touched.held_component = torn.held_component
        union all
        select held.node, held.component, null, true, true
        from {{ this }} as held
        where held.component in (select held_component from torn)
            and held.node not in (select node from touched)
    {%- endcall %}
{%- endmacro %}
