-- One row per rejected input row, and one per file that could not be read (row_number
-- is null).
with rows_rejected as (

    select
        files.path as file,
        messages.row_number,
        messages.reject_reason as reason,
        messages.rejected_payload as payload
    from {{ source('raw', 'messages') }} as messages
    inner join {{ source('raw', 'files') }} as files on messages.file_id = files.file_id
    where messages.reject_reason is not null

)

select
    file,
    row_number,
    reason,
    length(payload)::bigint as payload_length,
    md5(payload) as payload_md5
from rows_rejected
union all
select
    path as file,
    null as row_number,
    'unreadable_file: ' || error as reason,
    null as payload_length,
    null as payload_md5
from {{ source('raw', 'files') }}
where error is not null
