{# What tells conversions apart: their value, else their own id. #}
{% macro collapsing_value() -%}
    distinct_value,
    case when distinct_value is null then message_id end
{%- endmacro %}

{#
    The additive sums over units from which every metric is computed, each as a function
    of a unit's conversions, of those with a value, and of their value; beside them
    stand what it did before its exposure, pre_conversions and pre_value.
#}
{% macro outcome_sums(conversions, valued, value) -%}
    {{ return({
        'converters': '(' ~ conversions ~ ' > 0)::integer',
        'conversions': conversions,
        'conversions_sum_squares': conversions ~ ' * ' ~ conversions,
        'valued_conversions': valued,
        'valued_conversions_sum_squares': valued ~ ' * ' ~ valued,
        'value_sum': value,
        'value_sum_squares': value ~ ' * ' ~ value,
        'value_conversions_sum': value ~ ' * ' ~ conversions,
        'value_valued_conversions_sum': value ~ ' * ' ~ valued,
        'pre_converters_sum':
            '(' ~ conversions ~ ' > 0 and pre_conversions > 0)::integer',
        'pre_conversions_sum': 'pre_conversions * ' ~ conversions,
        'pre_value_value_sum': 'pre_value * ' ~ value,
        'pre_value_valued_conversions_sum': 'pre_value * ' ~ valued,
    }) }}
{%- endmacro %}

{# The sums over what units did before their exposure alone. #}
{% macro covariate_sums() -%}
    {{ return({
        'pre_converters': '(pre_conversions > 0)::integer',
        'pre_sum': 'pre_conversions',
        'pre_sum_squares': 'pre_conversions * pre_conversions',
        'pre_value_sum': 'pre_value',
        'pre_value_sum_squares': 'pre_value * pre_value',
    }) }}
{%- endmacro %}

{# The names of all sums. #}
{% macro unit_sums() -%}
    {{ return(
        ['visitors', 'split_visitors', 'crossover_visitors']
        + outcome_sums('', '', '').keys() | list + covariate_sums().keys() | list
    ) }}
{%- endmacro %}

{# Columns of sums over units, each times a factor. #}
{% macro weighed_sums(sums, factor) -%}
    {%- for name in sums -%}
        {{ exact(factor ~ ' * ' ~ name) }} as {{ name }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# Columns of the differences between a unit's sums in two states. #}
{% macro changed_sums(after, before) -%}
    {%- for name, sum in after.items() -%}
        {{ sum }} - {{ before[name] }} as {{ name }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# Columns of the sums over units. #}
{% macro summed_units(sums) -%}
    {%- for name, sum in sums.items() -%}
        {{ exact('sum(' ~ sum ~ ')') }} as {{ name }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro zeros(sums) -%}
    {%- for name in sums -%}
        {{ exact('0') }} as {{ name }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# Columns of sums over sums. #}
{% macro summed_again(sums) -%}
    {%- for name in sums -%}
        {{ exact('sum(' ~ name ~ ')') }} as {{ name }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro summed_outcomes() -%}
    {{ summed_again(unit_sums()) }}
{%- endmacro %}

{#
    The day that stands for the last look: that holds all messages, also those of days to
    come, so it is later than any.
#}
{% macro last_look() -%}
    date '9999-12-31'
{%- endmacro %}
