{# Integer division towards zero, exact. #}
{% macro exact_division(dividend, divisor) -%}
    ({{ dividend }} // {{ divisor }})
{%- endmacro %}


{# Null where exact arithmetic would overflow. #}
{% macro null_on_overflow(expression) -%}
    try({{ expression }})
{%- endmacro %}


{# Null for a double that is NaN or infinite. #}
{% macro finite(expression) -%}
    (case when isfinite({{ expression }}) then {{ expression }} end)
{%- endmacro %}
