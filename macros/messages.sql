{# A literal of text. #}
{% macro text_literal(value) -%}
    '{{ value | string | replace("'", "''") }}'
{%- endmacro %}

{#
    Tables show the key of a source, whether the landing zone is laid out by key or by
    id.
#}
{% macro source_key(column) -%}
    {%- set renamed = [] -%}
    {%- for folder, key in var('source_keys').items() if folder != key -%}
        {%- do renamed.append(
            'when ' ~ text_literal(folder) ~ ' then ' ~ text_literal(key)
        ) -%}
    {%- endfor -%}
    {%- if renamed -%}
        case {{ column }} {{ renamed | join(' ') }} else {{ column }} end
    {%- else -%}
        {{ column }}
    {%- endif -%}
{%- endmacro %}

{# A renamed event keeps its history under one name. #}
{% macro canonical_event_name(column) -%}
    {%- set renamed = [] -%}
    {%- for old, new in var('event_aliases').items() -%}
        {%- do renamed.append(
            'when ' ~ text_literal(old) ~ ' then ' ~ text_literal(new)
        ) -%}
    {%- endfor -%}
    {%- if renamed -%}
        case {{ column }} {{ renamed | join(' ') }} else {{ column }} end
    {%- else -%}
        {{ column }}
    {%- endif -%}
{%- endmacro %}

{# Bots, staff, test traffic: what any exclude trigger of lift.yml matches. #}
{% macro is_excluded() -%}
    {%- if var('exclude_sql') -%}
        coalesce(({{ var('exclude_sql') | join(') or (') }}), false)
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}
