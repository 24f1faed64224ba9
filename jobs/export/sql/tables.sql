-- One row per table of a publication but those with one row per message, with its primary key.
select
    tables.table_name,
    coalesce(tables.comment, '') as comment,
    coalesce(keys.constraint_column_names, []) as primary_key
from duckdb_tables() as tables
left join duckdb_constraints() as keys
    on tables.table_name = keys.table_name and keys.constraint_type = 'PRIMARY KEY'
where not tables.internal and tables.table_name not in (select unnest(?))
order by tables.table_name
