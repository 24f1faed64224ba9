{# A grain with a nullable column (a period): nulls are one value. #}
{% test grain_is_unique(model, columns) %}

    select
        {{ columns | join(', ') }},
        count(*) as rows_of_grain
    from {{ model }}
    group by all
    having count(*) > 1

{% endtest %}
