-- One row per staged file, with what its messages mean depends on beside the file.
with event_names as (

    -- In a data lake a track call may have no name but that of its table.
    select
        messages.file_id,
        list(
            distinct event_tables.event order by event_tables.event
        ) as event_names
    from {{ source('raw', 'messages') }} as messages
    inner join {{ ref('stg_segment__event_tables') }} as event_tables
        on messages.event_table = event_tables.event_table
    group by messages.file_id

)

select
    files.file_id,
    files.revision,
    event_names.event_names
from {{ source('raw', 'files') }} as files
left join event_names on files.file_id = event_names.file_id
