{# Sums, squares and products of counts and values in units of 1/10,000 stay exact. #}
{% macro exact(expression) -%}
    ({{ expression }})::hugeint
{%- endmacro %}

{% macro seconds_after(timestamp, seconds) -%}
    ({{ timestamp }} + to_seconds({{ seconds }}))
{%- endmacro %}
