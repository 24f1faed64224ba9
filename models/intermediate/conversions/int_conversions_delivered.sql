{{ config(
    materialized='incremental',
    unique_key='distinct_key',
    affected='int_affected_conversion_keys',
) }}
-- One row per conversion or refund, message and vendor: the units it carries, why the
-- vendor's destination did not receive it, and whether the vendor counts it.
with deliveries as (

    {% for vendor in vendor_unit_types() -%}
    select
        {{ text_literal(vendor) }} as vendor,
        conversion,
        message_id,
        person_id,
        {% for column in carried_unit_columns().values() -%}
        {{ column }},
        {% endfor -%}
        occurred_at,
        received_at,
        is_refund,
        value_units,
        currency,
        distinct_value,
        distinct_key,
        is_first,
        {{ drop_reason(vendor) }} as drop_reason
    from {{ ref('int_resolved_conversions') }}
    {% if is_incremental() %}
    where distinct_key in (
        select distinct_key from {{ ref('int_affected_conversion_keys') }}
    )
    {% endif %}
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        null::varchar as vendor,
        conversion,
        message_id,
        person_id,
        occurred_at,
        received_at,
        is_refund,
        value_units,
        currency,
        distinct_value,
        distinct_key,
        is_first,
        null::varchar as drop_reason
    from {{ ref('int_resolved_conversions') }}
    where false
    {% endfor %}
)

select
    * exclude (distinct_value),
    -- The first that the vendor received of a value; without one none collapses.
    drop_reason is null and (
        is_refund or row_number() over (
            partition by vendor, conversion, is_refund, {{ collapsing_value() }}
            order by drop_reason is not null, {{ message_order() }}
        ) = 1
    ) as is_counted,
    bool_or(drop_reason is null) over (
        partition by vendor, conversion, is_refund, {{ collapsing_value() }}
    ) as is_value_counted
from deliveries
