{# Whether this run of the model takes changes into a table that is there. #}
{% macro is_kept() -%}
    {{ return(
        execute
        and model.config.materialized == 'kept'
        and not should_full_refresh()
        and load_relation(this) is not none
        and _holds_its_columns()
    ) }}
{%- endmacro %}

{# Whether the table of a model whose columns follow lift.yml `holds` those of now. #}
{% macro _holds_its_columns() -%}
    {%- set holds = model.config.get('holds') -%}
    {{ return(
        holds is none
        or adapter.get_columns_in_relation(this) | map(attribute='name') | list == holds
    ) }}
{%- endmacro %}

{# The change feed of a model: its columns, and is_new. #}
{% macro changes(name) -%}
    {%- set relation = ref(name) -%}
    {{ relation.incorporate(path={'identifier': relation.identifier ~ '_changed'}) }}
{%- endmacro %}

{#
    A condition that holds for every row in a build from nothing, and else for rows
    whose `columns` stand in a relation of touched groups: a model's name, or that of
    its change feed with `_changed`.
#}
{% macro only_touched(columns, touched, named=none) -%}
    {%- set name = touched | replace('_changed', '') -%}
    {%- if not execute -%}{%- do ref(name) -%}{%- endif -%}
    {%- if is_kept() -%}
        {{ columns }} in (
            select {{ named or columns }}
            from {{ changes(name) if touched.endswith('_changed') else ref(name) }}
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{# The sets of identifiers of messages `seen` that may have changed, or their persons. #}
{% macro sets_touched(seen) -%}
    select set_key
    from {{ changes(seen) }}
    union
    select set_key
    from {{ ref('int_identifier_sets_reowned') }}
{%- endmacro %}

{#
    A table as the build before left it, for what comes before it in this build; empty,
    of these columns and types, where there is none. A kept table that this build makes
    from nothing says nothing any more: `is_kept`.
#}
{% macro held_before(name, columns, is_kept=false) -%}
    {%- set held = load_relation(this.incorporate(path={'identifier': name}))
        if execute and this and not (is_kept and should_full_refresh()) else none -%}
    {%- if held is not none -%}
        {{ held }}
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
