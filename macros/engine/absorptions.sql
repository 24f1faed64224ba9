{#
    Who was absorbed when links are played in their order (Kruskal's), the younger of two
    components joining the elder one. The query gives the links as edges: `node_a` and
    `node_b`; `age_a` and `age_b`, their places in the order of age, 1 being the eldest;
    `edge`, the link's place in the order; and what else the table shall hold. The table
    holds that and the `node` absorbed, one row per edge by which one was; a null node
    absorbed is in no row.

    In each round every component points along its first edge to leave it; what hangs
    together by these pointers is a tree, in which edges come later the farther out they
    lie. So the edges before the first that leaves the tree can be played at once, as a
    running minimum of age, and a member that meets an elder one on its own first edge
    is absorbed whatever happened before. What is played is contracted. The cores left
    halve in number each round.
#}
{% macro absorptions(edges) -%}
    {% call statement('edges') -%}
        create or replace temp table absorption_edges as {{ edges }};
        create or replace temp table absorption_open as
        select edge, age_a as node_a, age_b as node_b from absorption_edges;
        create or replace temp table absorption_found as
        select edge, age_a as absorbed_age from absorption_edges where false
    {%- endcall %}

    {%- set left = namespace(any=holds_rows('absorption_open')) -%}
    {%- for _ in range(64) if left.any -%}
        {% call statement('point') -%}
            create or replace temp table absorption_firsts as
            select node, min(edge) as edge, arg_min(other, edge) as other
            from (
                select node_a as node, node_b as other, edge from absorption_open
                union all
                select node_b, node_a, edge from absorption_open
            ) as ends
            group by node;
            {# Two that point at each other are where a tree begins, the elder its root. #}
            create or replace temp table absorption_pointers as
            with joining as (
                select
                    firsts.*,
                    others.other = firsts.node and firsts.node < firsts.other as is_root
                from absorption_firsts as firsts
                inner join absorption_firsts as others on firsts.other = others.node
            )

            select
                node,
                case when is_root then node else other end as parent,
                case when is_root then 0 else edge end as joined_at
            from joining;
            create or replace temp table absorption_joins as
            select node, joined_at from absorption_pointers
        {%- endcall %}
        {{ jump_to_roots('absorption_pointers') }}
        {% call statement('play') -%}
            create or replace temp table absorption_played as
            with leaving as (
                select pointers_a.parent as root_a, pointers_b.parent as root_b, edges.edge
                from absorption_open as edges
                inner join absorption_pointers as pointers_a
                    on edges.node_a = pointers_a.node
                inner join absorption_pointers as pointers_b
                    on edges.node_b = pointers_b.node
                where pointers_a.parent <> pointers_b.parent
            ),

            closing as (
                select root, min(edge) as closes_at
                from (
                    select root_a as root, edge from leaving
                    union all
                    select root_b, edge from leaving
                ) as ends
                group by root
            ),

            members as (
                select
                    pointers.node,
                    pointers.parent as root,
                    joins.joined_at,
                    closing.closes_at is null or joins.joined_at < closing.closes_at
                        as is_core
                from absorption_pointers as pointers
                inner join absorption_joins as joins on pointers.node = joins.node
                left join closing on pointers.parent = closing.root
            )

            select
                *,
                min(node) over (
                    partition by root order by joined_at
                    rows between unbounded preceding and 1 preceding
                ) as eldest_before,
                min(node) filter (where is_core) over (partition by root) as eldest
            from members;
            insert into absorption_found
            select joined_at, greatest(node, eldest_before)
            from absorption_played
            where eldest_before is not null and (is_core or node > eldest_before);
            create or replace temp table absorption_open as
            with labels as (
                select
                    node,
                    case when is_core or node > eldest_before then eldest else node end
                        as label
                from absorption_played
            )

            select min(edges.edge) as edge, labels_a.label as node_a, labels_b.label as node_b
            from absorption_open as edges
            inner join labels as labels_a on edges.node_a = labels_a.node
            inner join labels as labels_b on edges.node_b = labels_b.node
            where labels_a.label <> labels_b.label
            group by labels_a.label, labels_b.label
        {%- endcall %}
        {%- set left.any = holds_rows('absorption_open') -%}
    {%- endfor -%}

    {% call statement('nodes') -%}
        create or replace temp table absorption_nodes as
        select age_a as age, node_a as node from absorption_edges
        union
        select age_b, node_b from absorption_edges
    {%- endcall %}
    {{ return(
        'select edges.* exclude (edge, node_a, node_b, age_a, age_b), nodes.node'
        ~ ' from absorption_found as found'
        ~ ' inner join absorption_edges as edges on found.edge = edges.edge'
        ~ ' inner join absorption_nodes as nodes on found.absorbed_age = nodes.age'
        ~ ' where nodes.node is not null'
    ) }}
{%- endmacro %}
