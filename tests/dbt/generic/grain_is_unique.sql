{#
    A grain with a nullable column (a period): nulls are one value. The columns are the
    key under which the mart is published (jobs/publish/marts.py); `with_breakdowns` adds those
    of lift.yml.
#}
{% test grain_is_unique(model, columns, with_breakdowns=false) %}
    {%- set added = var('breakdowns') if with_breakdowns else [] -%}
    {%- set columns = columns + (added | map(attribute='column') | list) %}

    select
        {{ columns | join(', ') }},
        count(*) as rows_of_grain
    from {{ model }}
    group by all
    having count(*) > 1

{% endtest %}
