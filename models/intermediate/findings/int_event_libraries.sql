{{ config(
    materialized='incremental', unique_key='file_id', affected='int_affected_files'
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
    {% if is_incremental() %}
        and messages.file_id in (select file_id from {{ ref('int_affected_files') }})
    {% endif %}

)

select *
from events
where event_name is not null and library is not null
group by all
