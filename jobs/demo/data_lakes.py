"""Writes messages as Segment Data Lakes: one table per event, its objects flattened to columns."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingest.layouts.snake_case import snake_case
from ingest.sql import literal, quoted

DATA = "segment-data/data"
OBJECTS = ("context", "integrations", "properties", "traits")
NAMELESS_SOURCE = "backend"
"""The source without the column `event`: its events are known by the name of their table."""
UNPREFIXED_SOURCE = "engage"
"""The source whose properties and traits have no prefix, as in a warehouse."""
COLUMN_TYPES = {
    "BIGINT": "bigint",
    "UBIGINT": "bigint",
    "DOUBLE": "decimal(38, 6)",
    "BOOLEAN": "boolean",
}
"""By the type of a JSON value; everything else, such as an array, is text."""


@dataclass(frozen=True)
class _Leaf:
    """A value inside an object: its field, the keys to it, its column and its JSON type."""

    field: str
    keys: tuple[str, ...]
    column: str
    json_type: str

    def extract(self, function: str) -> str:
        """Apply a JSON function to the value."""
        path = "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in self.keys)
        return f"{function}({quoted(self.field)}, {literal(path)})"


def write_data_lakes(messages: pl.DataFrame, landing: Path) -> Iterator[Path]:
    """Write `segment-data/data/<source>/segment_type=<table>/day=YYYY-MM-DD/part-00.parquet`.

    A table holds one event, or one call type other than track; days are those of receipt. A file
    has the columns that one of its rows fills.
    """
    name = pl.when(pl.col("type") == "track").then("event").otherwise("type")
    with duckdb.connect() as con:
        for (source, table), group in messages.group_by("source", name, maintain_order=True):
            folder = landing / DATA / str(source) / f"segment_type={snake_case(str(table))}"
            columns = _flatten(con, group.drop("source", "path"), str(source))
            day = pl.col("received_at").dt.date()
            for (received,), file in columns.group_by(day, maintain_order=True):
                path = folder / f"day={received}" / "part-00.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                filled = [column for column in file if column.null_count() < file.height]
                file.select(filled).write_parquet(path, compression="zstd")
                yield path


def _flatten(con: duckdb.DuckDBPyConnection, messages: pl.DataFrame, source: str) -> pl.DataFrame:
    """Turn the objects of one table into columns, in snake_case, of the type of their values."""
    fields = (
        messages.drop(OBJECTS).rename(snake_case).with_columns(pl.col("version").cast(pl.Int64))
    )
    if source == NAMELESS_SOURCE:
        fields = fields.drop("event")
    leaves = list(_find_leaves(con, messages, source, set(fields.columns)))
    if not leaves:
        return fields
    columns = []
    for leaf in leaves:
        kind = COLUMN_TYPES.get(leaf.json_type, "varchar")
        columns.append(
            f"try_cast({leaf.extract('json_extract_string')} as {kind}) as {quoted(leaf.column)}"
        )
    flat: pl.DataFrame = con.sql(f"select {', '.join(columns)} from messages").pl()
    return fields.hstack(flat)


def _find_leaves(
    con: duckdb.DuckDBPyConnection, messages: pl.DataFrame, source: str, taken: set[str]
) -> Iterator[_Leaf]:
    """Find the values inside the objects; of several for one column the first is taken."""
    structures = ", ".join(f"json_group_structure({field}::json)" for field in OBJECTS)
    found = con.sql(f"select {structures} from messages").fetchall()[0]
    for field, structure in zip(OBJECTS, found, strict=True):
        bare = source == UNPREFIXED_SOURCE and field in ("properties", "traits")
        for keys, json_type in sorted(_walk(json.loads(structure), ())):
            words = keys if bare else (field, *keys)
            column = "_".join(snake_case(word) for word in words)
            if column not in taken:
                taken.add(column)
                yield _Leaf(field, keys, column, json_type)


def _walk(structure: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the keys to each value, and its type. An object without members has no values."""
    if isinstance(structure, dict):
        for key, member in structure.items():
            yield from _walk(member, (*keys, key))
    elif keys and structure != "NULL":
        # The only values of different types are the arms that some messages spell as text.
        kind = structure if isinstance(structure, str) else "ARRAY"
        yield keys, "BOOLEAN" if kind == "JSON" else kind
