{# Integer division towards zero, exact. #}
{% macro exact_division(dividend, divisor) -%}
    ({{ dividend }} // {{ divisor }})
{%- endmacro %}


{# Null where exact arithmetic would overflow. #}
{% macro null_on_overflow(expression) -%}
    try({{ expression }})
{%- endmacro %}
