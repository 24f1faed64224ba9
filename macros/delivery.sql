{# True or an object; anything else is off. #}
{% macro is_switched_on(integrations, pointer) -%}
    coalesce(
        json_type({{ integrations }}, {{ pointer }}) = 'OBJECT'
        or {{ is_true(integrations, pointer) }},
        false
    )
{%- endmacro %}

{# Whether the value at a pointer is the boolean, not the text. #}
{% macro is_true(object, pointer) -%}
    coalesce(
        json_type({{ object }}, {{ pointer }}) = 'BOOLEAN'
        and {{ object }} ->> ({{ pointer }}) = 'true',
        false
    )
{%- endmacro %}
