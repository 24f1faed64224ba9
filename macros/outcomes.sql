{# The additive sums over units from which every metric is computed. #}
{% macro outcome_sums() -%}
    {{ return([
        'conversions', 'conversions_sum_squares',
        'value_conversions', 'value_conversions_sum_squares',
        'value_sum', 'value_sum_squares', 'value_product',
    ]) }}
{%- endmacro %}

{% macro zero_outcomes() -%}
    0 as converters
    {%- for name in outcome_sums() %},
        {{ exact('0') }} as {{ name }}
    {%- endfor -%}
{%- endmacro %}

{% macro summed_outcomes() -%}
    {%- for name in ['visitors', 'split_visitors', 'converters'] + outcome_sums() -%}
        {{ exact('sum(' ~ name ~ ')') }} as {{ name }}{{ ',' if not loop.last }}
    {% endfor -%}
{%- endmacro %}

{% macro square_change(name) -%}
    {{ name }}_after * {{ name }}_after - {{ name }}_before * {{ name }}_before
{%- endmacro %}

{#
    The look that first shows what happened on a day: the last one, for a day after the
    last.
#}
{% macro look_day(day, spans) -%}
    case
        when {{ day }} <= {{ spans }}.experience_last_day then {{ day }}
        else {{ spans }}.last_look_day
    end
{%- endmacro %}
