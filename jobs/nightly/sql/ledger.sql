-- What the models read beside the configuration. The order in which files were staged, and when,
-- changes no row of theirs.
select
    (
        select md5(string_agg(file::varchar, chr(10) order by file.path))
        from (
            select * exclude (staged_at, is_built, is_published) from raw.files
        ) as file
    ) as files,
    (
        select md5(string_agg(file::varchar, chr(10) order by file.path, file.object))
        from (select * exclude (staged_at) from raw.crm_files) as file
    ) as crm_files,
    (
        select md5(string_agg(tombstone::varchar, chr(10) order by tombstone::varchar))
        from raw.tombstones as tombstone
    ) as tombstones
