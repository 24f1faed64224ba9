{#
    Whether the JSON text in the column `value` is what a predicate asks for: the rows of
    raw.config_predicates say what is compared, these conditions how.
#}
{% macro is_value_met(predicate) -%}
    case
        when {{ predicate }} is null then false
        {%- for number, condition in var('value_conditions').items() %}
        when {{ predicate }} = {{ number }} then {{ condition }}
        {%- endfor %}
        else false
    end
{%- endmacro %}
