{# Null where exact arithmetic would overflow. #}
{% macro null_on_overflow(expression) -%}
    try({{ expression }})
{%- endmacro %}


{# The lesser of two figures, or the one that is known. #}
{% macro least_of(a, b) -%}
    least(coalesce({{ a }}, {{ b }}), coalesce({{ b }}, {{ a }}))
{%- endmacro %}


{# The greater of two figures, or the one that is known. #}
{% macro greatest_of(a, b) -%}
    greatest(coalesce({{ a }}, {{ b }}), coalesce({{ b }}, {{ a }}))
{%- endmacro %}


{# Null for a double that is NaN or infinite. #}
{% macro finite(expression) -%}
    (case when isfinite({{ expression }}) then {{ expression }} end)
{%- endmacro %}
