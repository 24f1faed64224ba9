{# Whether a vendor shows a unit at a step of its bridge: Abmatic shows recent ones. #}
{% macro is_recent_visitor() -%}
    (
        rules.recent_seconds is null
        or units.counted_from between
        {{ seconds_after('as_of.as_of', '-rules.recent_seconds') }} and as_of.as_of
    )
{%- endmacro %}
