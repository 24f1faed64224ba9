{#
    A table that is kept up to date by groups of rows instead of being made anew. In a
    build that starts from nothing the query gives every row. In any other the query
    gives the rows of the groups that may have changed (`only_touched`), and the table
    takes them in.

    Config: `kept_by`, the columns that name a group; `touched`, the relation beside the
    model that lists the groups looked at, none meaning all; `through`, a macro that
    computes the rows from those of the query; `held`, a temp table in which that macro
    leaves the rows that it replaces, with their row_address.

    Beside the table stands its change feed, `<model>_changed`: rows that came
    (is_new) or went, a changed row as both. After a build from nothing it is empty.
    What a feed says is good for one build: `lift build` starts from nothing after one
    that did not end well.
#}
{% materialization kept, default %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set through = config.get('through') -%}
    {{ keep(context[through](sql) if through else sql) }}
    {% do persist_docs(this.incorporate(type='table'), model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}

{# Make the table of this model from `rows`, or take them in. #}
{% macro keep(rows) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set feed = this.incorporate(
        path={'identifier': this.identifier ~ '_changed'}, type='table'
    ) -%}
    {%- if not is_kept() -%}
        {%- set existing = load_cached_relation(this) -%}
        {%- if existing is not none -%}
            {%- do adapter.drop_relation(existing) -%}
        {%- endif -%}
        {%- call statement('main') -%}
            create table {{ target }} as {{ rows }}
        {%- endcall -%}
        {%- call statement('feed') -%}
            create or replace table {{ feed }} as
            select *, true as is_new from {{ target }} where false
        {%- endcall -%}
    {%- else -%}
        {%- set group = config.require('kept_by') | join(', ') -%}
        {%- set touched = config.get('touched') -%}
        {%- set fresh = this.identifier ~ '_fresh' -%}
        {%- set held = config.get('held', this.identifier ~ '_held') -%}
        {%- call statement('fresh') -%}
            create or replace temp table {{ fresh }} as {{ rows }}
        {%- endcall -%}
        {%- if not config.get('held') -%}
            {%- call statement('held') -%}
                create or replace temp table {{ held }} as
                select rowid as row_address, * from {{ target }}
                {%- if touched %}
                where ({{ group }}) in (
                    select {{ group }}
                    from {{ this.incorporate(path={'identifier': touched}) }}
                )
                {%- endif %}
            {%- endcall -%}
        {%- endif -%}
        {%- call statement('feed') -%}
            create or replace table {{ feed }} as
            select * exclude (side), sum(side) > 0 as is_new
            from (
                select *, 1 as side from {{ fresh }}
                union all
                select * exclude (row_address), -1 from {{ held }}
            )
            group by all
            having sum(side) <> 0
        {%- endcall -%}
        {%- set changed_groups -%}
            where ({{ group }}) in (
                select {{ group }}
                from {{ feed }}
            )
        {%- endset -%}
        {%- call statement('leave') -%}
            delete from {{ target }}
            where rowid in (
                select row_address from {{ held }} {{ changed_groups }}
            )
        {%- endcall -%}
        {%- call statement('main') -%}
            insert into {{ target }}
            from {{ fresh }} {{ changed_groups }}
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}
