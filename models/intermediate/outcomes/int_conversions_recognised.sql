{{ config(
    materialized='incremental',
    unique_key='distinct_key',
    affected='int_conversion_keys_touched',
    delta=true,
) }}
-- One row per conversion and message of a person that makes it or refunds it, before
-- its distinct_by.
with seen as (

    select *
    from {{ ref('int_conversions_seen') }}
    {% if is_incremental() %}
    where distinct_key in (
        select distinct_key from {{ ref('int_conversion_keys_touched') }}
    )
    {% endif %}

),

placed as (

    select
        seen.*,
        {% for unit_type, column in carried_unit_columns().items() -%}
        {{ carried_unit(unit_type, 'seen') }} as {{ column }},
        {% endfor -%}
        {{ person_id() }} as person_id
    from seen
    {{- person_joins('seen') }}

)

select
    *,
    is_refund or row_number() over (
        partition by conversion, is_refund, {{ collapsing_value() }}
        order by {{ message_order() }}
    ) = 1 as is_first
from placed
where person_id is not null
