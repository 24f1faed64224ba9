{#
    A table of connected components. The model's query returns edges (node_a, node_b), a
    lone node as an edge to itself; the table holds one row per node with the smallest
    node of its component.

    Every node points to the smallest of itself and its neighbours, pointers are jumped
    until they reach a root, and the edges between roots are what the next round works
    on. Rounds grow with the logarithm of the longest chain, not with its length. The
    choice of the smallest key needs no randomness, so the result is a function of the
    edges alone.
#}
{% materialization connected_components, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% call statement('edges') -%}
        create or replace temp table component_input as
        select distinct node_a, node_b from ({{ sql }}) as edges
    {%- endcall %}
    {% call statement('nodes') -%}
        create or replace temp table component_labels as
        select node_a as node, node_a as component from component_input
        union
        select node_b, node_b from component_input
    {%- endcall %}
    {% call statement('open_edges') -%}
        create or replace temp table component_edges as
        select node_a, node_b from component_input where node_a <> node_b
        union
        select node_b, node_a from component_input where node_a <> node_b
    {%- endcall %}

    {%- for _ in range(64) if component_rows('component_edges', 'true') -%}
        {% call statement('point') -%}
            create or replace temp table component_pointers as
            select node_a as node, least(node_a, min(node_b)) as parent
            from component_edges
            group by node_a
        {%- endcall %}
        {%- set jumping = namespace(on=true) -%}
        {%- for _ in range(64) if jumping.on -%}
            {% call statement('jump') -%}
                create or replace temp table component_jumps as
                select
                    pointers.node,
                    parents.parent,
                    pointers.parent <> parents.parent as has_moved
                from component_pointers as pointers
                inner join component_pointers as parents
                    on pointers.parent = parents.node
            {%- endcall %}
            {%- set jumping.on = component_rows('component_jumps', 'has_moved') -%}
            {% call statement('settle') -%}
                create or replace temp table component_pointers as
                select node, parent from component_jumps
            {%- endcall %}
        {%- endfor -%}
        {% call statement('relabel') -%}
            create or replace temp table component_labels as
            select
                labels.node,
                coalesce(pointers.parent, labels.component) as component
            from component_labels as labels
            left join component_pointers as pointers on labels.component = pointers.node
        {%- endcall %}
        {% call statement('contract') -%}
            create or replace temp table component_edges as
            select distinct from_pointers.parent as node_a, to_pointers.parent as node_b
            from component_edges as edges
            inner join component_pointers as from_pointers
                on edges.node_a = from_pointers.node
            inner join component_pointers as to_pointers
                on edges.node_b = to_pointers.node
            where from_pointers.parent <> to_pointers.parent
        {%- endcall %}
    {%- endfor -%}

    {%- if existing is not none -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {% call statement('main') -%}
        create table {{ target_relation }} as
        select node, component from component_labels
    {%- endcall %}

    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro component_rows(relation, condition) -%}
    {%- set found = run_query(
        'select count(*) from'
        ~ ' (select 1 from ' ~ relation ~ ' where ' ~ condition ~ ' limit 1)'
    ) -%}
    {{ return(found.columns[0].values()[0] > 0) }}
{%- endmacro %}
