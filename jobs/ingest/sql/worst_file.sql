-- The file of which the largest share was rejected, of those that may not be published.
with erased_rows as (
    select file_id, count(*) as erased
    from raw.messages
    where reject_reason = $erased
    group by file_id
),

counted_files as (
    select
        files.* exclude (rejected),
        files.rejected - coalesce(erased_rows.erased, 0) as rejected
    from raw.files as files
    left join erased_rows on files.file_id = erased_rows.file_id
)

select path, rejected, landed
from counted_files
where not is_published
    and not is_accepted
    and (is_built or not $built_only)
    and rejected > landed * $share
order by rejected / landed desc, path
limit 1
