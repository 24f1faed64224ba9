{# Trimmed and lower-cased, as emails and blocked values are compared. #}
{% macro normalised(text) -%}
    lower(trim({{ text }}, ' ' || chr(9) || chr(10) || chr(13)))
{%- endmacro %}

{# The value when it may identify, else null: blocked patterns must match all of it. #}
{% macro usable_identifier(column) -%}
    {%- set patterns = ['\\s*'] + var('identity')['blocked'] -%}
    case
        when not regexp_full_match(
            {{ normalised(column) }},
            {{ text_literal('(?:' ~ patterns | join(')|(?:') ~ ')') }}
        ) then {{ column }}
    end
{%- endmacro %}

{# What identifies on a message beside its own ids: traits of identify calls. #}
{% macro mutiny_visitor_id() -%}
    case when type = 'identify'
        then {{ json_scalar_text('traits', 'mutinyVisitorId') }} end
{%- endmacro %}

{% macro merging_email() -%}
    {%- if var('identity')['merge_on_email'] -%}
        case when type = 'identify'
            then {{ normalised(json_scalar_text('traits', 'email')) }} end
    {%- else -%}
        null::varchar
    {%- endif -%}
{%- endmacro %}

{% macro alias_previous_id() -%}
    {%- if var('identity')['merge_on_alias'] -%}
        case when type = 'alias' and {{ usable_identifier('user_id') }} is not null
            then previous_id end
    {%- else -%}
        null::varchar
    {%- endif -%}
{%- endmacro %}

{# The identifiers of a message as written: what makes it one of a combination. #}
{% macro written_identifiers() -%}
    user_id,
    anonymous_id,
    {{ mutiny_visitor_id() }} as mutiny_visitor_id,
    {{ merging_email() }} as email,
    {{ alias_previous_id() }} as previous_id
{%- endmacro %}

{# The key of the combination of identifiers on a message, beside `written_identifiers`. #}
{% macro combination_key() -%}
    md5(to_json([
        user_id, anonymous_id, mutiny_visitor_id, email, previous_id
    ])::varchar)::uuid
{%- endmacro %}

{# 128 bits, stable over runs and engines, and half the cost of text. #}
{% macro identifier_key(id_type, id_value) -%}
    md5({{ id_type }} || '|' || {{ id_value }})::uuid
{%- endmacro %}
