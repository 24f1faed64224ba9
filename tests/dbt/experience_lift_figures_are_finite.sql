-- A figure that cannot be computed is null, never NaN or infinite.
{% set lifts = ref('fct_experience_lift_daily') %}
{% set figures = ['lift'] %}
{% set columns = adapter.get_columns_in_relation(lifts) if execute else [] %}
{% for column in columns if column.dtype | lower == 'double' %}
{% do figures.append(column.name) %}
{% endfor %}
select *
from {{ lifts }}
where not (isfinite({{ figures | join(') and isfinite(') }}))
