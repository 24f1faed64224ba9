{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
) }}
-- One row per file, source, type, name, adapter and, of behaviour, library that sent
-- it: how many messages share them.
with messages as (

    select
        messages.file_id,
        messages.source,
        messages.type,
        {{ event_or_page_name('messages') }} as event_name,
        {{ recognising_adapter() }} as adapter,
        messages.is_behaviour,
        case
            when messages.is_behaviour
                then {{ json_text('messages.context', ['library', 'name']) }}
        end as library,
        messages.occurred_at,
        messages.received_at
    from {{ ref('stg_segment__messages') }} as messages
    {% if is_incremental() %}
    where messages.file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

)

select
    file_id,
    source,
    type,
    event_name,
    adapter,
    is_behaviour,
    library,
    count(*) as messages,
    min(occurred_at) as first_occurred_at,
    max(occurred_at) as last_occurred_at,
    max(received_at) as last_received_at
from messages
group by file_id, source, type, event_name, adapter, is_behaviour, library
