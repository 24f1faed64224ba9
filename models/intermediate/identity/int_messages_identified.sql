{{ config(
    materialized='incremental',
    unique_key='file_id',
    affected='int_files_read__delta',
    delta=true,
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
    {% if is_incremental() %}
    where file_id in (
        select file_id from {{ delta('int_files_read') }}
    )
    {% endif %}

)

select
    *,
    {{ set_key() }} as set_key
from messages
