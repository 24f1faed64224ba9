"""`datapackage.json` beside the exports: what each file holds, as a Frictionless Data Package."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal

import duckdb

FileFormat = Literal["parquet", "csv"]

DESCRIPTION = "datapackage.json"

SCHEMA_VERSION = 1
"""Raised when a published table or column is removed, or changes its type, key or meaning."""

MEDIA_TYPES: dict[FileFormat, str] = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
}

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


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """The table that an exported file holds, its format and its number of rows."""

    table: str
    file_format: FileFormat
    rows: int


def describe_package(
    con: duckdb.DuckDBPyConnection, files: Mapping[str, ExportedFile]
) -> dict[str, Any]:
    """Return the description of the exported files, by their names.

    A publication of an earlier version has no run id and no as-of time.
    """
    comments = dict(con.execute("select table_name, comment from duckdb_tables()").fetchall())
    fields: dict[str, list[dict[str, Any]]] = {}
    for table, *column in con.execute(FIELDS).fetchall():
        fields.setdefault(table, []).append(_field(*column))
    keys = dict(con.execute(PRIMARY_KEYS).fetchall())
    as_of = _value(con, "as_of")
    return {
        "profile": "data-package",
        "name": "segment-lift",
        "version": version("segment-lift"),
        "schema_version": SCHEMA_VERSION,
        "run_id": _value(con, "run_id"),
        "as_of": as_of and f"{as_of.isoformat()}Z",
        "resources": [
            {
                "name": name,
                "path": name,
                "format": file.file_format,
                "mediatype": MEDIA_TYPES[file.file_format],
                "encoding": "utf-8",
                "description": comments[file.table] or "",
                "rows": file.rows,
                "schema": {
                    "fields": fields[file.table],
                    **({"primaryKey": keys[file.table]} if file.table in keys else {}),
                },
            }
            for name, file in files.items()
        ],
    }


def _value(con: duckdb.DuckDBPyConnection, macro: str) -> Any:
    try:
        return con.execute(f"select {macro}()").fetchall()[0][0]
    except duckdb.CatalogException:
        return None


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
