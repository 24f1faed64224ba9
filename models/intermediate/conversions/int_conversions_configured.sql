-- One row per conversion of lift.yml.
{% for conversion in var('conversions') -%}
select
    {{ text_literal(conversion['name']) }} as conversion,
    {{ conversion['is_main'] }} as is_main,
    {{ conversion['value_units_sql'] is not none }} as has_value,
    {{ conversion['window_seconds'] }}::bigint as window_seconds
{{ 'union all' if not loop.last }}
{% else -%}
select
    null::varchar as conversion,
    null::boolean as is_main,
    null::boolean as has_value,
    null::bigint as window_seconds
where false
{% endfor -%}
