{{ config(
    materialized='incremental',
    unique_key='file_id',
    affected='int_affected_files',
) }}
-- One row per behaviour message that names an account, whoever sent it.
with messages as (

    select
        file_id,
        message_id,
        source,
        {{ account_id() }} as account_id,
        type = 'group' as is_group_call,
        coalesce(event_name = 'Account Removed User', false) as is_removal,
        case when type = 'group' then traits end as account_traits,
        occurred_at,
        received_at,
        user_id is null and anonymous_id is null as is_without_sender
    from {{ ref('stg_segment__messages') }}
    where is_behaviour
        -- Looking for the word first spares most messages the parser; a key may also be
        -- written in escapes.
        and (
            group_id is not null
            or contains(context, '"groupId"')
            or contains(context, '\u')
        )
    {% if is_incremental() %}
        and file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

)

select *
from messages
where account_id is not null
