-- A figure that cannot be computed is null, never NaN or infinite.
{% set lifts = ref('fct_experience_lift_daily') %}
{% set figures = ['lift'] %}
{% if execute %}
    {% for column in adapter.get_columns_in_relation(lifts) %}
        {% if column.dtype | lower == 'double' %}
            {% do figures.append(column.name) %}
        {% endif %}
    {% endfor %}
{% endif %}
select *
from {{ lifts }}
where not (isfinite({{ figures | join(') and isfinite(') }}))
