-- One row per landing or CRM file with rows of erased persons: how many rows this erasure emptied.
with emptied_rows as (
    select file_id, reject_reason = $erased as is_message, 1 as now, 1 as ever
    from raw.messages
    where reject_reason is not null and rejected_payload is null
    union all
    select file_id, reject_reason = $erased, -1, 0
    from old.raw.messages
    where reject_reason is not null and rejected_payload is null
),

landing_files as (
    select
        files.path,
        false as is_crm,
        coalesce(sum(emptied_rows.now) filter (emptied_rows.is_message), 0) as messages,
        coalesce(sum(emptied_rows.now) filter (not emptied_rows.is_message), 0) as rejected_rows,
        0 as crm_records
    from emptied_rows
    inner join raw.files as files on emptied_rows.file_id = files.file_id
    where files.is_present
    group by files.path
    having sum(emptied_rows.ever) > 0
),

crm_files as (
    select
        files.path,
        true as is_crm,
        0 as messages,
        0 as rejected_rows,
        files.erased - known.erased as crm_records
    from raw.crm_files as files
    inner join old.raw.crm_files as known on files.object = known.object
    where files.erased > 0
)

select * from landing_files
union all
select * from crm_files
order by is_crm, path
