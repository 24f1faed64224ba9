{{ config(
    materialized='incremental',
    unique_key='set_key',
    affected='int_account_sets_touched',
) }}
-- One row per behaviour message that names an account, with the person it belongs to.
with seen as (

    select *
    from {{ ref('int_account_messages_seen') }}
    {% if is_incremental() %}
    where set_key in (
        select set_key from {{ ref('int_account_sets_touched') }}
    )
    {% endif %}

),

placed as (

    select
        seen.*,
        {{ person_id() }} as person_id
    from seen
    {{ person_joins('seen') }}

)

select
    account_id,
    person_id,
    source,
    is_removal,
    account_traits,
    occurred_at,
    received_at,
    message_id,
    set_key
from placed
-- Blocked identifiers alone make no person: such a message stands outside everything. A
-- group call that has no identifier speaks of the account alone.
where person_id is not null
    or (is_group_call and user_id is null and anonymous_id is null)
