{# What tells conversions apart: their value, else their own id. #}
{% macro collapsing_value() -%}
    distinct_value,
    case when distinct_value is null then message_id end
{%- endmacro %}

{#
    The day that stands for the last look: that holds all messages, also those of days to
    come, so it is later than any.
#}
{% macro last_look() -%}
    date '9999-12-31'
{%- endmacro %}
