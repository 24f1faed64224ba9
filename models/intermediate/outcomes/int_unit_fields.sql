{%- set fields = var('breakdowns') | selectattr('path_sql') | list %}
{%- set columns = [] -%}
{%- for breakdown in fields -%}
    {%- do columns.append(field_column(breakdown)) -%}
{%- endfor -%}
{{ config(
    materialized='incremental',
    unique_key='unit_id',
    affected='int_affected_units',
) }}
-- One row per grain and counted unit with the fields of its first view that lift is
-- broken down by.
with units as (

    select *
    from {{ ref('int_assignment_intervals') }}
    where is_last and (end_day is null or first_day < end_day)
    {% if is_incremental() %}
        and unit_id in (select unit_id from {{ ref('int_affected_units') }})
    {% endif %}

),

views as (

    select
        {% for breakdown in fields -%}
        {{ breakdown['path_sql'] }} as {{ field_column(breakdown) }},
        {% endfor -%}
        vendor,
        message_id
    from {{ ref('int_exposure_messages') }}
    where message_id in (select units.counted_view.message_id from units)
    -- Several entries of a vendor may have taken the message.
    group by all

)

select
    {% for column in columns -%}
    views.{{ column }},
    {% endfor -%}
    units.vendor,
    units.experience,
    units.audience_segment,
    units.period,
    units.unit_id
from units
inner join views
    on units.vendor = views.vendor
    and units.counted_view.message_id = views.message_id
