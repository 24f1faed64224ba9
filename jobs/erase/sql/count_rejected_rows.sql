update raw.files
set rejected = rejects.rejected
from (
    select file_id, count(*) as rejected
    from raw.messages
    where reject_reason is not null
    group by file_id
) as rejects
where files.file_id = rejects.file_id and files.rejected <> rejects.rejected
