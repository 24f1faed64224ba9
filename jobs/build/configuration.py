"""Write the configuration into the warehouse, where the models join it as rows."""

from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import date
from typing import Any, get_type_hints

import duckdb

from jobs.config import Settings
from jobs.config.rows import configuration_rows
from jobs.config.tables import ConfigRow

_TYPES = {
    str: "varchar not null",
    str | None: "varchar",
    bool: "boolean not null",
    int: "bigint not null",
    int | None: "bigint",
    float: "double not null",
    date: "date not null",
    date | None: "date",
    list[str]: "varchar[] not null",
    list[str] | None: "varchar[]",
}


def write_configuration(con: duckdb.DuckDBPyConnection, settings: Settings) -> set[str]:
    """Replace each `raw.config_*` table that differs from the settings; return their names."""
    con.execute("create schema if not exists raw")
    return {
        row_type.table
        for row_type, rows in configuration_rows(settings).items()
        if _replace(con, row_type, [astuple(row) for row in rows])
    }


def _replace(
    con: duckdb.DuckDBPyConnection, row_type: type[ConfigRow], rows: Sequence[tuple[Any, ...]]
) -> bool:
    """Replace a table if its columns or rows are other ones; return whether they were."""
    types = get_type_hints(row_type)
    columns = {field.name: _TYPES[types[field.name]] for field in fields(row_type)}
    if _stored(con, row_type.table) == (list(columns), list(rows)):
        return False
    con.execute(
        f"create or replace table raw.{row_type.table}"
        f" ({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
    )
    if rows:
        marks = ", ".join("?" * len(columns))
        con.executemany(f"insert into raw.{row_type.table} values ({marks})", rows)
    return True


def _stored(
    con: duckdb.DuckDBPyConnection, table: str
) -> tuple[list[str], list[tuple[Any, ...]]] | None:
    try:
        found = con.execute(f"from raw.{table}")
    except duckdb.CatalogException:
        return None
    return [column[0] for column in found.description], found.fetchall()
