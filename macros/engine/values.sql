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

{# A list of literals of text for `in`; of none, one that nothing is in. #}
{% macro text_literals(values) -%}
    {%- set literals = [] -%}
    {%- for value in values -%}
        {%- do literals.append(text_literal(value)) -%}
    {%- endfor -%}
    {{ literals | join(', ') or 'null' }}
{%- endmacro %}

{# The expression that belongs to a number, else the other. #}
{% macro by_number(column, expressions, otherwise) -%}
    {%- if expressions -%}
        case {{ column }}
            {%- for number, expression in expressions.items() %}
            when {{ number }} then {{ expression }}
            {%- endfor %}
            else {{ otherwise }}
        end
    {%- else -%}
        {{ otherwise }}
    {%- endif -%}
{%- endmacro %}
