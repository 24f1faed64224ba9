{# Sums, squares and products of counts and values in units of 1/10,000 stay exact. #}
{% macro exact(expression) -%}
    ({{ expression }})::hugeint
{%- endmacro %}

{# An exact integer over a power of ten, as a decimal of so many digits. #}
{% macro exact_decimal(expression, digits) -%}
    (({{ expression }} // {{ 10 ** digits }})::decimal(38, {{ digits }})
    + ({{ expression }} % {{ 10 ** digits }})::decimal(18, 0)
    * 0.{{ '0' * (digits - 1) }}1)::decimal(38, {{ digits }})
{%- endmacro %}

{% macro seconds_after(timestamp, seconds) -%}
    ({{ timestamp }} + to_seconds({{ seconds }}))
{%- endmacro %}

{% macro seconds_between(earlier, later) -%}
    epoch({{ later }} - {{ earlier }})
{%- endmacro %}
