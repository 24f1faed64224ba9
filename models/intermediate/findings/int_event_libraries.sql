{{ config(
    materialized='kept', kept_by=['file_id'], touched='int_files_read_changed'
) }}
-- One row per file, event name, type and Segment library that sent it.
with events as (

    select
        messages.file_id,
        {{ event_or_page_name('messages') }} as event_name,
        messages.type,
        {{ json_text('messages.context', ['library', 'name']) }} as library
    from {{ ref('stg_segment__messages') }} as messages
    where messages.is_behaviour
        and {{ only_touched('messages.file_id', 'int_files_read_changed', 'file_id') }}

)

select *
from events
where event_name is not null and library is not null
group by all
