{#
    Connected components. The query gives edges (node_a, node_b), a lone node as an edge
    to itself; the answer has one row per node with the smallest node of its component.

    In a round every node points to the smallest of itself and its neighbours, pointers
    are followed to their roots, and the edges between roots are what the next round
    works on. Rounds grow with the logarithm of the longest chain, not with its length.
    The choice of the smallest key needs no randomness, so the result is a function of
    the edges alone.

    Most nodes find their root in the first round: they are relabelled once, at the end,
    by what became of the roots.
#}
{% macro connected_components(edges) -%}
    {% call statement('edges') -%}
        create or replace temp table component_input as
        select node_a, node_b from ({{ edges }}) as edges;
        create or replace temp table component_edges as
        select node_a, node_b from component_input where node_a <> node_b
    {%- endcall %}
    {{ point_at_smallest('component_leaves', 'component_input') }}
    {{ jump_to_roots('component_leaves') }}
    {% call statement('roots') -%}
        create or replace temp table component_roots as
        select node, parent from component_leaves where false
    {%- endcall %}
    {{ contract_edges('component_leaves') }}

    {%- set left = namespace(any=holds_rows('component_edges')) -%}
    {%- for _ in range(64) if left.any -%}
        {{ point_at_smallest('component_pointers', 'component_edges') }}
        {{ jump_to_roots('component_pointers') }}
        {% call statement('compose') -%}
            create or replace temp table component_roots as
            select roots.node, coalesce(pointers.parent, roots.parent) as parent
            from component_roots as roots
            left join component_pointers as pointers on roots.parent = pointers.node
            union all
            select pointers.node, pointers.parent
            from component_pointers as pointers
            where pointers.node not in (select node from component_roots)
        {%- endcall %}
        {{ contract_edges('component_pointers') }}
        {%- set left.any = holds_rows('component_edges') -%}
    {%- endfor -%}
    {{ return(
        'select leaves.node, coalesce(roots.parent, leaves.parent) as component'
        ~ ' from component_leaves as leaves'
        ~ ' left join component_roots as roots on leaves.parent = roots.node'
    ) }}
{%- endmacro %}

{# Let every node of `edges` point to the smallest of itself and its neighbours. #}
{% macro point_at_smallest(pointers, edges) -%}
    {% call statement('point') -%}
        create or replace temp table {{ pointers }} as
        select node, min(neighbour) as parent
        from (
            select node_a as node, least(node_a, node_b) as neighbour from {{ edges }}
            union all
            select node_b, least(node_a, node_b) from {{ edges }} where node_a <> node_b
        ) as ends
        group by node
    {%- endcall %}
{%- endmacro %}

{# What is left to join: the edges between the roots their ends point to. #}
{% macro contract_edges(pointers) -%}
    {% call statement('contract') -%}
        create or replace temp table component_edges as
        select distinct
            least(pointers_a.parent, pointers_b.parent) as node_a,
            greatest(pointers_a.parent, pointers_b.parent) as node_b
        from component_edges as edges
        inner join {{ pointers }} as pointers_a on edges.node_a = pointers_a.node
        inner join {{ pointers }} as pointers_b on edges.node_b = pointers_b.node
        where pointers_a.parent <> pointers_b.parent
    {%- endcall %}
{%- endmacro %}
