"""Typed Parquet columns as text, times and JSON: one SQL expression per column.

What is absent is NULL in every expression. Where a field has several spellings and a file has
columns for more than one of them, the first that holds something counts, row by row.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from ingest.sql import literal, quoted


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name in SQL, and its Arrow type.

    SQL calls columns `c0`, `c1` and so on: DuckDB ignores case in names, and a file's own names may
    be those of DuckDB's virtual columns.
    """

    sql: str
    type: pa.DataType


Columns = Mapping[str, Column]
"""The columns of a file by their names as written there."""


def numbered(columns: Iterable[tuple[str, pa.DataType]]) -> Columns:
    """Return the columns of a file, called `c0`, `c1` and so on in SQL."""
    return {name: Column(f"c{index}", kind) for index, (name, kind) in enumerate(columns)}


def text_value(columns: Columns, *names: str) -> str:
    """Return a field as text: numbers as plain decimals, nothing for what is not a scalar."""
    return _first_filled([_text(column) for column in _present(columns, names)])


def has_odd_id(columns: Columns, names: Iterable[str]) -> str:
    """Return the condition that one of some columns holds an id that is not text or a number."""
    odd = [
        f"{column.sql} is not null"
        for column in _present(columns, names)
        if _is_not_scalar(_kind(column.type))
    ]
    return f"({' or '.join(odd)})" if odd else "false"


def undecodable(columns: Columns, names: Iterable[str]) -> str:
    """Return the condition that one of some columns holds bytes that are not UTF-8."""
    broken = [
        f"({columns[name].sql} is not null and try(decode({columns[name].sql})) is null)"
        for name in _binary_columns(columns, names)
    ]
    return " or ".join(broken) or "false"


def bytes_escaped(columns: Columns, names: Iterable[str]) -> str:
    """Return the binary ones of some columns as JSON text, with bytes beyond ASCII escaped."""
    members = [
        f"{literal(name)}, {columns[name].sql}::varchar" for name in _binary_columns(columns, names)
    ]
    return f"json_object({', '.join(members)})::varchar" if members else "null::varchar"


def time_value(columns: Columns, *names: str) -> str:
    """Return a field of TIMESTAMP columns in UTC."""
    present = _present(columns, names)
    if not present or not all(_is_time(column) for column in present):
        return "null::timestamp"
    values = [_timestamp(column.sql, _kind(column.type)) for column in present]
    return f"coalesce({', '.join(values)})"


def time_text(columns: Columns, *names: str) -> str:
    """Return the text of a time, unless all of its columns are TIMESTAMP."""
    present = _present(columns, names)
    if all(_is_time(column) for column in present):
        return "null::varchar"
    return _first_filled(
        [
            f"time_as_text({_timestamp(column.sql, _kind(column.type))})"
            if _is_time(column)
            else _text(column)
            for column in present
        ]
    )


def object_text(columns: Columns, name: str) -> str:
    """Return an object as JSON text. In nested columns NULL is absent."""
    if name not in columns:
        return "null::varchar"
    column = columns[name]
    kind = _kind(column.type)
    if _is_text(kind) or _is_binary(kind):
        return f"nullif(nullif({_text(column)}, ''), 'null')"
    return f"json_strip_nulls(to_json({json_value(column.sql, kind)}))::varchar"


def json_value(value: str, kind: pa.DataType) -> str:
    """Return a value in a type that `to_json` writes as JSON has it.

    Times are ISO 8601 text and bytes are text. Of keys that differ by case alone, which DuckDB
    renames in a struct, each keeps its name.
    """
    kind = _kind(kind)
    if pa.types.is_timestamp(kind):
        return f"strftime(bounded_time({_timestamp(value, kind)}), '%Y-%m-%dT%H:%M:%S.%gZ')"
    if _is_binary(kind):
        return f"coalesce(try(decode({value})), {value}::varchar)"
    if not _wants_rewriting(kind):
        return value
    if pa.types.is_struct(kind):
        members = [
            (field.name, json_value(f"struct_extract_at({value}, {position})", field.type))
            for position, field in enumerate(kind, 1)
        ]
        return f"case when {value} is not null then {json_struct(members)} end"
    if pa.types.is_map(kind):
        item = json_value("entry.value", kind.item_type)
        pairs = f"lambda entry: struct_pack(key := entry.key, value := {item})"
        return f"map_from_entries(list_transform(map_entries({value}), {pairs}))"
    return f"list_transform({value}, lambda item: {json_value('item', kind.value_type)})"


def json_struct(members: Sequence[tuple[str, str]]) -> str:
    """Return an object of members, each a key and an SQL value, for `to_json` to write.

    A struct is faster than a JSON object, but DuckDB ignores the case of its keys.
    """
    keys = [key for key, _ in members]
    if "" in keys or collide_by_case(keys):
        pairs = ", ".join(f"{literal(key)}, {value}" for key, value in members)
        return f"json_object({pairs})"
    return f"struct_pack({', '.join(f'{quoted(key)} := {value}' for key, value in members)})"


def collide_by_case(names: Iterable[str]) -> bool:
    """Tell whether DuckDB, which ignores case in names, would rename one of them."""
    lowered = [name.lower() for name in names]
    return len(set(lowered)) < len(lowered)


def repeated_names(columns: Iterable[tuple[str, pa.DataType]]) -> Iterator[str]:
    """Yield the name of each column, and the path of each field of an object, that comes twice."""
    seen: set[str] = set()
    for name, kind in columns:
        if name in seen:
            yield name
        seen.add(name)
        for inner in repeated_names(_fields(kind)):
            yield f"{name}.{inner}"


def _fields(kind: pa.DataType) -> list[tuple[str, pa.DataType]]:
    """The fields of an object, or of the objects in a list or map."""
    if pa.types.is_struct(kind):
        return [(field.name, field.type) for field in kind]
    if pa.types.is_map(kind):
        return _fields(kind.item_type)
    if _is_list(kind):
        return _fields(kind.value_type)
    return []


def _present(columns: Columns, names: Iterable[str]) -> list[Column]:
    found = (columns[name] for name in names if name in columns)
    return [column for column in found if not pa.types.is_null(_kind(column.type))]


def _first_filled(values: list[str]) -> str:
    """The first text that is not empty: an empty one in the first spelling is not an answer."""
    if not values:
        return "null::varchar"
    if len(values) == 1:
        return values[0]
    filled = [f"nullif({value}, '')" for value in values]
    return f"coalesce({', '.join([*filled, *values])})"


def _text(column: Column) -> str:
    kind = _kind(column.type)
    if _is_not_scalar(kind):
        return "null::varchar"
    if _is_binary(kind):
        return f"try(decode({column.sql}))"
    if pa.types.is_decimal(kind):
        return f"plain_decimal({column.sql}::varchar)"
    if pa.types.is_floating(kind):
        # NaN, which some writers take for a missing value, and Infinity are not values.
        return f"case when isfinite({column.sql}) then plain_decimal({column.sql}::varchar) end"
    return f"{column.sql}::varchar"


def _timestamp(value: str, kind: pa.DataType) -> str:
    """A time in UTC, cut at the microsecond; what is beyond DuckDB's own range is absent."""
    in_utc = (
        f"try(({value} at time zone 'UTC')::timestamp)" if kind.tz else f"try({value}::timestamp)"
    )
    if kind.unit != "ns":
        return in_utc
    # A cast would round. Spark's INT96 also has years that nanoseconds do not reach.
    return f"coalesce(try(make_timestamp(epoch_ns({value}) // 1000)), {in_utc})"


def _kind(kind: pa.DataType) -> pa.DataType:
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _binary_columns(columns: Columns, names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if _is_binary(_kind(columns[name].type))]


def _is_not_scalar(kind: pa.DataType) -> bool:
    return bool(pa.types.is_boolean(kind) or pa.types.is_nested(kind))


def _is_time(column: Column) -> bool:
    return bool(pa.types.is_timestamp(_kind(column.type)))


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)
    )


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def _wants_rewriting(kind: pa.DataType) -> bool:
    """Whether `to_json` alone would write something of this type otherwise than JSON has it."""
    kind = _kind(kind)
    if pa.types.is_struct(kind):
        return collide_by_case(field.name for field in kind) or any(
            _wants_rewriting(field.type) for field in kind
        )
    if pa.types.is_map(kind):
        return _wants_rewriting(kind.item_type)
    if _is_list(kind):
        return _wants_rewriting(kind.value_type)
    return bool(pa.types.is_timestamp(kind) or _is_binary(kind))
