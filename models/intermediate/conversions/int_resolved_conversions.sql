{{ config(
    materialized='incremental',
    unique_key='distinct_key',
    affected='int_affected_conversion_keys',
) }}
-- One row per conversion and message of a person that makes it or refunds it, before
-- its distinct_by.
with messages as (

    select * exclude (is_excluded, anonymous_id, user_id)
    from {{ ref('int_conversion_messages') }}
    where is_excluded is not true
    {% if is_incremental() %}
        and distinct_key in (
            select distinct_key from {{ ref('int_affected_conversion_keys') }}
        )
    {% endif %}

),

resolved as (

    select
        messages.*,
        message_persons.user_id_unit,
        message_persons.anonymous_id_unit,
        message_persons.account_unit,
        message_persons.person_id
    from messages
    inner join {{ ref('int_message_persons') }} as message_persons
        on messages.message_id = message_persons.message_id
    where message_persons.person_id is not null

)

select
    *,
    is_refund or row_number() over (
        partition by conversion, is_refund, {{ collapsing_value() }}
        order by {{ message_order() }}
    ) = 1 as is_first
from resolved
