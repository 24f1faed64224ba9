{{ config(
    materialized='kept',
    kept_by=['distinct_key'],
    touched='int_conversion_keys_touched',
) }}
-- One row per conversion and message of a person that makes it or refunds it, before
-- its distinct_by.
with seen as (

    select *
    from {{ ref('int_conversions_seen') }}
    where {{ only_touched('distinct_key', 'int_conversion_keys_touched') }}

),

placed as (

    select
        seen.*,
        {{ usable_user_id('seen') }} as user_id_unit,
        {{ usable_anonymous_id('seen') }} as anonymous_id_unit,
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
