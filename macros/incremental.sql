{#
    dbt's incremental strategy `replace_groups`: a run recomputes the affected groups of
    rows from all their evidence. A group that is new is inserted, one that is there is
    replaced, one that is gone is deleted.

    Config: `unique_key`, the columns that name a group; `affected`, the relation beside
    the model that lists the groups of this run, none meaning all. With `delta` the model
    has a change feed, `<model>__delta`: the rows that came (is_new) or went in this run,
    a changed row as both. Then only groups that differ are written.
#}
{% macro get_incremental_replace_groups_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set fresh = arg_dict['temp_relation'] -%}
    {%- set key = arg_dict['unique_key'] -%}
    {%- set key = key if key is string else key | join(', ') -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set replaced -%}
        {%- if config.get('affected') -%}
        where ({{ key }}) in (select {{ key }} from {{ relation_beside(config.get('affected')) }})
        {%- endif -%}
    {%- endset -%}
    {%- if config.get('delta') -%}
        {%- set feed = relation_beside(this.identifier ~ '__delta') -%}
        {%- do adapter.cache_added(feed) -%}
        create or replace table {{ feed }} as
        select {{ columns }}, sum(side) > 0 as is_new
        from (
            select {{ columns }}, 1 as side from {{ fresh }}
            union all
            select {{ columns }}, -1 as side from {{ target }} {{ replaced }}
        ) as both_sides
        group by {{ columns }}
        having sum(side) <> 0;
        {%- set replaced -%}
            where ({{ key }}) in (select {{ key }} from {{ feed }})
        {%- endset -%}
    {%- endif %}
    delete from {{ target }} {{ replaced }};
    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ fresh }} {{ replaced if config.get('delta') }}
{%- endmacro %}

{# A table of the schema of this model; a name with a dot is one of this session. #}
{% macro relation_beside(name) -%}
    {{ return(name if '.' in name else this.incorporate(
        path={'identifier': name}, type='table'
    )) }}
{%- endmacro %}

{#
    The change feed of a model: its columns, and is_new. One that was built whole has
    nothing to say; what comes after it is built whole as well.
#}
{% macro delta(name) -%}
    {%- set relation = ref(name) -%}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ name] if execute -%}
    {%- if execute and not node.config.delta -%}
        {{ exceptions.raise_compiler_error(
            name ~ ' has no change feed; give it the config delta=true'
        ) }}
    {%- endif -%}
    {%- set feed = load_relation(relation.incorporate(
        path={'identifier': relation.identifier ~ '__delta'}
    )) if execute and not should_full_refresh() else none -%}
    {%- if feed is not none -%}
        {{ feed }}
    {%- else -%}
        (select *, true as is_new from {{ relation }} where false)
    {%- endif -%}
{%- endmacro %}

{#
    dbt's own, but true while dbt parses: what only an incremental run reads is an input
    of the model too. A unit test has no table of its own (this).
#}
{% macro is_incremental() -%}
    {{ return(not execute or (this is not none and dbt.is_incremental())) }}
{%- endmacro %}

{#
    A table as the previous build left it, for what comes before it in this build; empty,
    of these columns and types, where there is none. An incremental table that this build
    makes whole says nothing any more.
#}
{% macro previous_rows(name, columns, of_incremental=false) -%}
    {%- set previous = load_relation(this.incorporate(path={'identifier': name}))
        if execute and this and not (of_incremental and should_full_refresh()) else none -%}
    {%- if previous is not none -%}
        {{ previous }}
    {%- else -%}
        (
            select
                {%- for column, type in columns.items() %}
                cast(null as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
                {%- endfor %}
            where false
        )
    {%- endif -%}
{%- endmacro %}
