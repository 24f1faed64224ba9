-- A figure that cannot be computed is null, never NaN or infinite.
{% for lifts in [
    ref('fct_experience_lift_daily'),
    ref('fct_experience_lift'),
    ref('rpt_lift_by_breakdown'),
] %}
{% set figures = ['lift'] %}
{% set columns = adapter.get_columns_in_relation(lifts) if execute else [] %}
{% for column in columns if column.dtype | lower == 'double' %}
{% do figures.append(column.name) %}
{% endfor %}
select vendor, experience, audience_segment, conversion, metric, variant
from {{ lifts }}
where not (isfinite({{ figures | join(') and isfinite(') }}))
{{ 'union all' if not loop.last }}
{% endfor %}
