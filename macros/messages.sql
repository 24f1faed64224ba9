{# A literal of text. #}
{% macro text_literal(value) -%}
    '{{ value | string | replace("'", "''") }}'
{%- endmacro %}

{# Bots, staff, test traffic: what any exclude trigger of lift.yml matches. #}
{% macro is_excluded() -%}
    {%- if var('exclude_sql') -%}
        coalesce(({{ var('exclude_sql') | join(') or (') }}), false)
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}

{# The text of a name: a string, a number or a boolean; an empty one is none. #}
{% macro name_text(object, key) -%}
    nullif(
        case {{ json_kind(object, key) }}
            when 'BOOLEAN' then {{ json_text(object, key) }}
            else {{ json_scalar_text(object, key) }}
        end,
        ''
    )
{%- endmacro %}

{# How Segment spells a name as that of a table or column: see ingest/layouts/snake_case.py. #}
{% macro snake_case(text) -%}
    lower(array_to_string(regexp_extract_all(
        {{ text }}, '[A-Z0-9]+[a-z0-9]*|[a-z][a-z0-9]*'
    ), '_'))
{%- endmacro %}

{# Canonical name of a track call; the name of a page or screen. #}
{% macro event_or_page_name(messages) -%}
    coalesce(
        {{ messages }}.event_name,
        case when {{ messages }}.type in ('page', 'screen') then {{ messages }}.name end
    )
{%- endmacro %}
