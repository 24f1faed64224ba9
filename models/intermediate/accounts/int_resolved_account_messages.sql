{{ config(
    materialized='incremental',
    unique_key='combination_key',
    affected='int_combinations_to_resolve',
) }}
-- One row per behaviour message that names an account, with the person it belongs to.
with message_persons as (

    select *
    from {{ ref('int_message_persons') }}
    {% if is_incremental() %}
    where combination_key in (
        select combination_key from {{ ref('int_combinations_to_resolve') }}
    )
    {% endif %}

)

select
    messages.account_id,
    message_persons.person_id,
    messages.source,
    messages.is_removal,
    messages.account_traits,
    messages.occurred_at,
    messages.received_at,
    messages.message_id,
    message_persons.combination_key
from {{ ref('int_account_messages') }} as messages
inner join message_persons on messages.message_id = message_persons.message_id
-- Blocked identifiers alone make no person: such a message is outside everything. A
-- group call that has no identifier speaks of the account alone.
where message_persons.person_id is not null
    or (messages.is_group_call and messages.is_without_sender)
