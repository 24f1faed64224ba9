{{ config(
    materialized='incremental',
    unique_key='file_id',
    affected='int_affected_files',
    delta=true,
) }}
-- One row per message, with the identifiers and the account written on it: all that
-- identity needs of the bulk of messages.
with messages as (

    select
        file_id,
        row_number,
        message_id,
        occurred_at,
        received_at,
        is_behaviour,
        is_engage and not is_excluded and not is_system as is_engage,
        {{ written_identifiers() }},
        -- Looking for the word first spares most messages the parser; a key may also be
        -- written in escapes.
        case
            when group_id is not null
                or contains(context, '"groupId"')
                or contains(context, '\u')
                then {{ account_id() }}
        end as account_id
    from {{ ref('stg_segment__messages') }}
    {% if is_incremental() %}
    where file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

)

select
    *,
    {{ combination_key() }} as combination_key
from messages
