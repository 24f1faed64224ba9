-- Two equal rows of one file stay two messages; the same file delivered again adds none.
update raw.messages
set message_id = numbered_rows.message_id
from (
    select
        file_id,
        row_number,
        message_id || '-' || row_number() over (
            partition by file_id, message_id order by row_number
        ) as message_id
    from raw.messages
    where not has_message_id and file_id >= $first_file_id
) as numbered_rows
where messages.file_id = numbered_rows.file_id
    and messages.row_number = numbered_rows.row_number
    and not messages.has_message_id
