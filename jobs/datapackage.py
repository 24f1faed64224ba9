"""`datapackage.json` beside the exports: what each file holds, as a Frictionless Data Package."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import duckdb

DESCRIPTION = "datapackage.json"

SCHEMA_VERSION = 1
"""Raised when a published table or column goes, or changes its type, its key or its meaning."""

MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}

FIELD_TYPES = {
    "BIGINT": "integer", "INTEGER": "integer", "DOUBLE": "number", "BOOLEAN": "boolean",
    "DATE": "date", "TIMESTAMP": "datetime", "JSON": "any",
}  # fmt: skip

FIELDS = """
select table_name, column_name, data_type, is_nullable, comment
from duckdb_columns()
where not internal
order by table_name, column_index
"""

PRIMARY_KEYS = """
select table_name, constraint_column_names
from duckdb_constraints()
where constraint_type = 'PRIMARY KEY'
"""


def describe_package(
    con: duckdb.DuckDBPyConnection, files: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    """Return the description of files by their name, from the publication they were written from.

    `files` maps the name of a file to its table and format.
    """
    comments = dict(con.execute("select table_name, comment from duckdb_tables()").fetchall())
    fields: dict[str, list[dict[str, Any]]] = {}
    for table, *column in con.execute(FIELDS).fetchall():
        fields.setdefault(table, []).append(_field(*column))
    keys = dict(con.execute(PRIMARY_KEYS).fetchall())
    rows = {
        table: con.execute(f"select count(*) from {table}").fetchall()[0][0]
        for table in {table for table, _ in files.values()}
    }
    run_id, as_of = con.execute("select run_id(), as_of()").fetchall()[0]
    return {
        "profile": "data-package",
        "name": "segment-lift",
        "version": version("segment-lift"),
        "schema_version": SCHEMA_VERSION,
        "run_id": run_id,
        "as_of": as_of and f"{as_of.isoformat()}Z",
        "resources": [
            {
                "name": name,
                "path": name,
                "format": file_format,
                "mediatype": MEDIA_TYPES[file_format],
                "encoding": "utf-8",
                "description": comments[table],
                "rows": rows[table],
                "schema": {
                    "fields": fields[table],
                    **({"primaryKey": keys[table]} if table in keys else {}),
                },
            }
            for name, (table, file_format) in files.items()
        ],
    }


def _field(name: str, kind: str, is_nullable: bool, comment: str | None) -> dict[str, Any]:
    return {
        "name": name,
        "type": _field_type(kind),
        "duckdb_type": kind,
        "description": comment or "",
        "constraints": {"required": not is_nullable},
    }


def _field_type(kind: str) -> str:
    if kind.endswith("[]"):
        return "array"
    if kind.startswith("DECIMAL"):
        return "number"
    return FIELD_TYPES.get(kind, "string")
