-- The tables of a destination that name the message of each row.
select table_name
from duckdb_columns()
where database_name = current_database()
    and schema_name = 'main'
    and column_name = 'message_id'
    and starts_with(table_name, $destination || '_')
order by table_name
