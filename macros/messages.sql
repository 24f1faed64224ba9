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

{#
    The time in UTC that a text of the sender gives, in ISO 8601 or as Go writes it, to
    the second; null for any other text.
#}
{% macro early_time(text) -%}
    {%- set form -%}
        '^(\d{4}-\d{2}-\d{2})[T ](([01]\d|2[0-3]):\d{2}(:\d{2})?)(\.\d+)? ?'
        || '(Z|([+-])([01]\d|2[0-3]):?([0-5]\d)?( .*)?)?$'
    {%- endset -%}
    case
        when regexp_matches({{ text }}, {{ form }}) then
            try_cast(
                regexp_extract({{ text }}, {{ form }}, 1)
                || ' ' || regexp_extract({{ text }}, {{ form }}, 2) as timestamp
            )
            - to_seconds(
                coalesce(try_cast(
                    regexp_extract({{ text }}, {{ form }}, 7)
                    || regexp_extract({{ text }}, {{ form }}, 8) as bigint
                ), 0) * 3600
                + coalesce(try_cast(
                    regexp_extract({{ text }}, {{ form }}, 7)
                    || regexp_extract({{ text }}, {{ form }}, 9) as bigint
                ), 0) * 60
            )
    end
{%- endmacro %}
