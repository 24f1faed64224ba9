{# What the path of this name reads beside a trigger; null where a trigger has none. #}
{% macro read_by_trigger(name) -%}
    case
        when trigger_number is null then null
        {%- for trigger in var('triggers') if trigger['reads'].get(name) %}
        when trigger_number = {{ trigger['number'] }} then {{ trigger['reads'][name] }}
        {%- endfor %}
    end
{%- endmacro %}
