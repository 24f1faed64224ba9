"""Flattens objects into columns, as Segment Data Lakes do."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from ingest.layouts.snake_case import snake_case
from ingest.sql import literal, quoted

_COLUMN_TYPES = {
    "BIGINT": "bigint",
    "UBIGINT": "bigint",
    "DOUBLE": "decimal(38, 6)",
    "BOOLEAN": "boolean",
}
"""By the type of a JSON value; everything else, such as an array, is text."""
_MIXED = "JSON"
"""What DuckDB calls the type of values that differ in it."""


@dataclass(frozen=True)
class _Leaf:
    """A value inside an object: where it stands, its column and the type of its JSON values."""

    field: str
    pointer: str
    column: str
    json_type: str


def flatten_objects(
    con: duckdb.DuckDBPyConnection,
    messages: pl.DataFrame,
    prefixes: Mapping[str, str],
    taken: Collection[str],
) -> pl.DataFrame:
    """A column for every value inside the objects of `messages`, in the order of their rows.

    Columns are named by the prefix of their field and the keys on the way to the value, in
    snake_case. A value that would share its column with an earlier one, or with one of `taken`,
    is dropped. A column's type is that of its values in these messages.

    Args:
        con: where to compute.
        messages: has the fields of `prefixes`, each with JSON text or null.
        prefixes: what the columns of a field start with.
        taken: names of columns that are in use.
    """
    leaves = list(_find_leaves(con, messages, prefixes, set(taken)))
    if not leaves:
        return pl.DataFrame()
    flags = _flag_columns(con, messages, leaves)
    columns = ", ".join(
        f"try_cast({_value(leaf, leaves)} as {_column_type(leaf, flags)}) as {quoted(leaf.column)}"
        for leaf in leaves
    )
    flat: pl.DataFrame = con.sql(
        f"select {columns} from {_read('json_extract_string', leaves)}"
    ).pl()
    return flat


def _find_leaves(
    con: duckdb.DuckDBPyConnection,
    messages: pl.DataFrame,
    prefixes: Mapping[str, str],
    taken: set[str],
) -> Iterator[_Leaf]:
    structures = ", ".join(f"json_group_structure({quoted(field)}::json)" for field in prefixes)
    found = con.sql(f"select {structures} from messages").fetchall()[0]
    for (field, prefix), structure in zip(prefixes.items(), found, strict=True):
        for keys, json_type in sorted(_walk(json.loads(structure), ())):
            column = prefix + "_".join(snake_case(key) for key in keys)
            if column not in taken:
                taken.add(column)
                yield _Leaf(field, _pointer(keys), column, json_type)


def _walk(structure: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The keys to each value, and its type. An object without members has no values."""
    if isinstance(structure, dict):
        for key, member in structure.items():
            yield from _walk(member, (*keys, key))
    elif keys and structure != "NULL":
        yield keys, structure if isinstance(structure, str) else "ARRAY"


def _flag_columns(
    con: duckdb.DuckDBPyConnection, messages: pl.DataFrame, leaves: list[_Leaf]
) -> set[str]:
    """The columns of mixed types that mostly hold booleans: the few texts among them are cast."""
    mixed = [leaf for leaf in leaves if leaf.json_type == _MIXED]
    if not mixed:
        return set()
    counts = ", ".join(
        "count_if({0} = 'BOOLEAN') > count_if({0} = 'VARCHAR')".format(_value(leaf, mixed))
        for leaf in mixed
    )
    found = con.sql(f"select {counts} from {_read('json_type', mixed)}").fetchall()[0]
    return {leaf.column for leaf, is_flag in zip(mixed, found, strict=True) if is_flag}


def _column_type(leaf: _Leaf, flags: set[str]) -> str:
    return "boolean" if leaf.column in flags else _COLUMN_TYPES.get(leaf.json_type, "varchar")


def _read(function: str, leaves: list[_Leaf]) -> str:
    """A subquery with a list a field: what `function` makes of each of its leaves.

    All leaves of a field are read at once, because every call parses its text anew.
    """
    pointers: dict[str, list[str]] = {}
    for leaf in leaves:
        pointers.setdefault(leaf.field, []).append(literal(leaf.pointer))
    lists = ", ".join(
        f"{function}({quoted(field)}, [{', '.join(group)}]) as {quoted(field)}"
        for field, group in pointers.items()
    )
    return f"(select {lists} from messages)"


def _value(leaf: _Leaf, leaves: list[_Leaf]) -> str:
    """Where `_read` of the same leaves puts the value of `leaf`."""
    position = [other.pointer for other in leaves if other.field == leaf.field].index(leaf.pointer)
    return f"{quoted(leaf.field)}[{position + 1}]"


def _pointer(keys: tuple[str, ...]) -> str:
    """The JSON pointer (RFC 6901) to a value."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)
