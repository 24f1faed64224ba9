-- One row per table of schema lift and column, as the PostgreSQL server has it.
select
    tables.relname,
    coalesce(obj_description(tables.oid, 'pg_class'), '') as table_comment,
    array(
        select key_columns.attname::text
        from pg_constraint as constraints
        cross join lateral unnest(constraints.conkey) with ordinality as parts (attnum, place)
        join pg_attribute as key_columns
            on key_columns.attrelid = tables.oid and key_columns.attnum = parts.attnum
        where constraints.conrelid = tables.oid and constraints.contype = 'p'
        order by parts.place
    ) as primary_key,
    columns.attname,
    format_type(columns.atttypid, columns.atttypmod) as column_type,
    not columns.attnotnull as is_nullable,
    coalesce(col_description(tables.oid, columns.attnum), '') as column_comment
from pg_class as tables
join pg_namespace as schemas on tables.relnamespace = schemas.oid
left join pg_attribute as columns
    on columns.attrelid = tables.oid and columns.attnum > 0 and not columns.attisdropped
where schemas.nspname = 'lift' and tables.relkind in ('r', 'p', 'v', 'm', 'f')
order by tables.relname, columns.attnum
