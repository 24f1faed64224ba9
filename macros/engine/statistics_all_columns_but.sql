{# Every column of a select, or of one relation of it, but the named ones. #}
{% macro all_columns_but(columns, relation='') -%}
    {{ relation ~ '.' if relation }}* exclude ({{ columns | join(', ') }})
{%- endmacro %}
