-- One row per source and file.
with staged as (

    select
        file_id,
        count(*) filter (where is_duplicate) as duplicates,
        count(*) filter (where not is_duplicate) as staged
    from {{ source('raw', 'messages') }}
    where reject_reason is null
    group by file_id

)

select
    coalesce(source_keys.source, files.source) as source,
    files.path as file,
    -- Landed comes from the file's own footer, the others from the rows that arrived.
    files.landed,
    files.rejected,
    coalesce(staged.duplicates, 0) as duplicates,
    coalesce(staged.staged, 0) as staged
from {{ source('raw', 'files') }} as files
left join {{ source('raw', 'config_source_keys') }} as source_keys
    on files.source = source_keys.landed_as
left join staged on files.file_id = staged.file_id
