{{ config(
    materialized='kept', kept_by=['file_id'], touched='int_files_read_changed'
) }}
-- One row per file, source, type, name and adapter: how many messages share them.
with messages as (

    select
        messages.file_id,
        messages.source,
        messages.type,
        {{ event_or_page_name('messages') }} as event_name,
        {{ recognising_adapter() }} as adapter,
        messages.is_behaviour,
        messages.received_at
    from {{ ref('stg_segment__messages') }} as messages
    where {{ only_touched('messages.file_id', 'int_files_read_changed', 'file_id') }}

)

select
    file_id,
    source,
    type,
    event_name,
    adapter,
    is_behaviour,
    count(*) as messages,
    max(received_at) as last_received_at
from messages
group by file_id, source, type, event_name, adapter, is_behaviour
