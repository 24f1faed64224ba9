"""`lift.hyper`: one table each, for Tableau. Needs the package `tableauhyperapi`."""

from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from tableauhyperapi import (
    Connection,
    CreateMode,
    HyperProcess,
    Telemetry,
    escape_name,
    escape_string_literal,
)

from ingest.sql import literal, quoted
from jobs.export.tables import Table

# No log file in the folder in which the job runs. Version 3 of the format, which Tableau 2022.4 and
# later read, has decimals of 38 digits.
PARAMETERS = {"log_config": "", "default_database_version": "3"}


def write_hyper(con: duckdb.DuckDBPyConnection, tables: list[Table], target: Path) -> None:
    """Write the tables of a publication, JSON and lists as text; Hyper reads each from Parquet."""
    with (
        TemporaryDirectory(dir=target.parent, prefix=".hyper-") as folder,
        HyperProcess(Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters=PARAMETERS) as server,
        Connection(server.endpoint, target, CreateMode.CREATE_AND_REPLACE) as hyper,
    ):
        for table in tables:
            parquet = Path(folder) / f"{table.name}.parquet"
            selected = ", ".join(column.as_text for column in table.columns)
            con.execute(
                f"copy (select {selected} from {quoted(table.name)}) to {literal(str(parquet))}"
                " (format parquet)"
            )
            hyper.execute_command(
                f"create table {escape_name(table.name)} as"
                f" (select * from external({escape_string_literal(str(parquet))}))"
            )
            parquet.unlink()
    target.chmod(0o644)
