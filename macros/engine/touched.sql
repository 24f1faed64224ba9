{# The sets of identifiers of messages `seen` that may have changed, or their persons. #}
{% macro sets_touched(seen) -%}
    select set_key
    from {{ delta(seen) }}
    union
    select set_key
    from {{ ref('int_identifier_sets_reowned') }}
{%- endmacro %}
