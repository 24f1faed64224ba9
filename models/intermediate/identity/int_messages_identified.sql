{{ config(
    materialized='kept', kept_by=['file_id'], touched='int_files_read_changed'
) }}
-- One row per message, with the identifiers written on it: all that identity needs of
-- the bulk of messages.
with messages as (

    select
        file_id,
        row_number,
        message_id,
        occurred_at,
        received_at,
        is_behaviour,
        is_engage and not is_excluded and not is_system as is_engage,
        {{ written_identifiers() }}
    from {{ ref('stg_segment__messages') }}
    where {{ only_touched('file_id', 'int_files_read_changed') }}

)

select
    *,
    {{ set_key() }} as set_key
from messages
