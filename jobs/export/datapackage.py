"""`datapackage.json` beside the exports: what each file holds, as a Frictionless Data Package."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any, Literal

import duckdb

from jobs.export.tables import Column, Table

FileFormat = Literal["parquet", "csv"]

DESCRIPTION = "datapackage.json"

MEDIA_TYPES: dict[FileFormat, str] = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
}

FIELD_TYPES = {
    "BIGINT": "integer", "INTEGER": "integer", "DOUBLE": "number", "BOOLEAN": "boolean",
    "DATE": "date", "TIMESTAMP": "datetime", "JSON": "any",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """The table that an exported file holds, and its format."""

    table: Table
    file_format: FileFormat


@dataclass(frozen=True, slots=True)
class State:
    """The run that computed a publication, the moment that every "now" of its figures is, and the
    version of its tables and columns.
    """

    run_id: str | None
    as_of: datetime | None
    schema_version: int | None


def state_of(con: duckdb.DuckDBPyConnection) -> State:
    """Return what a publication says of itself; one of an earlier version says nothing."""
    return State(*(_value(con, macro) for macro in ("run_id", "as_of", "schema_version")))


def describe_package(
    con: duckdb.DuckDBPyConnection, files: Mapping[str, ExportedFile]
) -> dict[str, Any]:
    """Return the description of the exported files, by their names."""
    state = state_of(con)
    return {
        "profile": "data-package",
        "name": "segment-lift",
        "version": version("segment-lift"),
        "schema_version": state.schema_version,
        "run_id": state.run_id,
        "as_of": state.as_of and f"{state.as_of.isoformat()}Z",
        "resources": [
            {
                "name": name,
                "path": name,
                "format": file.file_format,
                "mediatype": MEDIA_TYPES[file.file_format],
                "encoding": "utf-8",
                "description": file.table.comment,
                "rows": file.table.rows,
                "schema": {
                    "fields": [_field(column) for column in file.table.columns],
                    **({"primaryKey": list(file.table.key)} if file.table.key else {}),
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


def _field(column: Column) -> dict[str, Any]:
    kind = _field_type(column.kind)
    # Nothing is missing there, so an empty text is a text.
    is_never_missing = kind == "string" and not column.is_nullable
    return {
        "name": column.name,
        "type": kind,
        "duckdb_type": column.kind,
        "description": column.comment,
        "constraints": {"required": not column.is_nullable},
        **({"missingValues": []} if is_never_missing else {}),
    }


def _field_type(kind: str) -> str:
    if kind.endswith("[]"):
        return "array"
    if kind.startswith("DECIMAL"):
        return "number"
    return FIELD_TYPES.get(kind, "string")
