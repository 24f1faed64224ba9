-- One row per column of a publication, in the order of its table.
select
    table_name,
    column_name,
    data_type,
    is_nullable,
    coalesce(comment, '') as comment
from duckdb_columns()
where not internal
order by table_name, column_index
