{# Every column of a select but the named ones. #}
{% macro all_columns_but(columns) -%}
    * exclude ({{ columns | join(', ') }})
{%- endmacro %}
