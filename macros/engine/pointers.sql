{#
    The rows of a model that takes several statements: in a build the macro of this name
    runs them over the query and returns what selects their rows. Elsewhere (dbt compile,
    a unit test) there is the query.
#}
{% macro computed_by(name) -%}
    {%- if execute
        and model.config.materialized == 'incremental'
        and flags.WHICH in ['build', 'run'] -%}
        {{ context[name](caller()) }}
    {%- else -%}
        {{ caller() }}
    {%- endif -%}
{%- endmacro %}

{#
    Let every node of `pointers` (node, parent) point to the root it leads to. Only what
    has moved jumps again.
#}
{% macro jump_to_roots(pointers) -%}
    {% call statement('jump') -%}
        create or replace temp table pointers_moved as
        select pointers.node, parents.parent
        from {{ pointers }} as pointers
        inner join {{ pointers }} as parents on pointers.parent = parents.node
        where pointers.parent <> parents.parent;
        create or replace temp table pointers_jumped as from pointers_moved
    {%- endcall %}
    {%- set left = namespace(any=holds_rows('pointers_jumped')) -%}
    {%- for _ in range(64) if left.any -%}
        {% call statement('jump_again') -%}
            create or replace temp table pointers_jumped as
            select jumped.node, coalesce(moved.parent, parents.parent) as parent
            from pointers_jumped as jumped
            inner join {{ pointers }} as parents on jumped.parent = parents.node
            left join pointers_moved as moved on jumped.parent = moved.node
            where coalesce(moved.parent, parents.parent) <> jumped.parent;
            create or replace temp table pointers_moved as
            select moved.node, coalesce(jumped.parent, moved.parent) as parent
            from pointers_moved as moved
            left join pointers_jumped as jumped on moved.node = jumped.node
        {%- endcall %}
        {%- set left.any = holds_rows('pointers_jumped') -%}
    {%- endfor -%}
    {% call statement('settle') -%}
        create or replace temp table {{ pointers }} as
        select pointers.node, coalesce(moved.parent, pointers.parent) as parent
        from {{ pointers }} as pointers
        left join pointers_moved as moved on pointers.node = moved.node
    {%- endcall %}
{%- endmacro %}

{# A loop over range() evaluates its own `if` for every number: keep the answer. #}
{% macro holds_rows(relation) -%}
    {%- set found = run_query(
        'select count(*) from (select 1 from ' ~ relation ~ ' limit 1)'
    ) -%}
    {{ return(found.columns[0].values()[0] > 0) }}
{%- endmacro %}
