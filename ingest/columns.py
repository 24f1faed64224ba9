"""Typed Parquet columns as text, times and JSON: one SQL expression a column.

`Columns` maps the name of a column, as written in the file, to its Arrow type. What is absent is
NULL in every expression.
"""

from collections.abc import Iterable, Mapping

import pyarrow as pa

from ingest.decimal_text import plain_decimal

Columns = Mapping[str, pa.DataType]


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def first_present(columns: Columns, *names: str) -> str | None:
    """Return the first of some names that is a column."""
    return next((name for name in names if name in columns), None)


def text_value(columns: Columns, name: str | None) -> str:
    """Return a column as text: numbers as plain decimals, nothing for what is no scalar."""
    kind = _kind(columns, name)
    column = quoted(name or "")
    if kind is None or _is_no_scalar(kind):
        return "null::varchar"
    if _is_binary(kind):
        return f"try(decode({column}))"
    if pa.types.is_decimal(kind):
        return plain_decimal(f"{column}::varchar")
    if pa.types.is_floating(kind):
        # NaN, which some writers take for a missing value, and Infinity are no values.
        return f"case when isfinite({column}) then {plain_decimal(f'{column}::varchar')} end"
    return f"{column}::varchar"


def has_odd_id(columns: Columns, names: Iterable[str | None]) -> str:
    """Return the condition under which an id is there that is neither text nor a number."""
    odd = []
    for name in names:
        kind = _kind(columns, name)
        if name is not None and kind is not None and _is_no_scalar(kind):
            odd.append(f"{quoted(name)} is not null")
    return " or ".join(odd) or "false"


def undecodable(columns: Columns, names: Iterable[str]) -> str:
    """Return the condition under which one of some columns holds bytes that are no UTF-8."""
    broken = [
        f"({quoted(name)} is not null and try(decode({quoted(name)})) is null)"
        for name in _binary_columns(columns, names)
    ]
    return " or ".join(broken) or "false"


def bytes_escaped(columns: Columns, names: Iterable[str]) -> str:
    """Return the binary ones of some columns as JSON text, bytes that are no ASCII escaped."""
    members = [
        f"{text_literal(name)}, {quoted(name)}::varchar" for name in _binary_columns(columns, names)
    ]
    return f"json_object({', '.join(members)})::varchar" if members else "null::varchar"


def time_value(columns: Columns, name: str | None) -> str:
    """Return a TIMESTAMP column in UTC."""
    kind = _kind(columns, name)
    if kind is None or not pa.types.is_timestamp(kind):
        return "null::timestamp"
    return f"{_in_utc(quoted(name or ''), kind)}::timestamp"


def time_text(columns: Columns, name: str | None) -> str:
    """Return the text of a time that is not typed."""
    kind = _kind(columns, name)
    if kind is None or pa.types.is_timestamp(kind):
        return "null::varchar"
    return text_value(columns, name)


def object_text(columns: Columns, name: str) -> str:
    """Return an object as JSON text. In nested columns NULL is absent."""
    kind = _kind(columns, name)
    column = quoted(name)
    if kind is None:
        return "null::varchar"
    if _is_text(kind) or _is_binary(kind):
        text = f"try(decode({column}))" if _is_binary(kind) else f"{column}::varchar"
        return f"nullif(nullif({text}, ''), 'null')"
    return f"json_strip_nulls(to_json({json_value(column, kind)}))::varchar"


def json_value(value: str, kind: pa.DataType) -> str:
    """Return a value in a type that `to_json` writes as JSON has it: times as ISO 8601 text."""
    if pa.types.is_timestamp(kind):
        return f"strftime({_in_utc(value, kind)}, '%Y-%m-%dT%H:%M:%S.%gZ')"
    if not _holds_time(kind):
        return value
    if pa.types.is_struct(kind):
        members = ", ".join(
            f"{quoted(field.name)} := {json_value(f'{value}.{quoted(field.name)}', field.type)}"
            for field in kind
        )
        return f"case when {value} is not null then struct_pack({members}) end"
    if pa.types.is_map(kind):
        return value
    return f"list_transform({value}, lambda item: {json_value('item', kind.value_type)})"


def collide_by_case(names: Iterable[str]) -> bool:
    """Tell whether DuckDB, which ignores case in names, would rename one of them."""
    lowered = [name.lower() for name in names]
    return len(set(lowered)) < len(lowered)


def holds_collision(kind: pa.DataType) -> bool:
    """Tell whether an object of this type has two keys that differ by case alone."""
    if pa.types.is_struct(kind):
        return collide_by_case(field.name for field in kind) or any(
            holds_collision(field.type) for field in kind
        )
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return holds_collision(kind.value_type)
    return False


def _kind(columns: Columns, name: str | None) -> pa.DataType | None:
    if name is None or name not in columns:
        return None
    kind = columns[name]
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return None if pa.types.is_null(kind) else kind


def _is_no_scalar(kind: pa.DataType) -> bool:
    return bool(pa.types.is_boolean(kind) or pa.types.is_nested(kind))


def _binary_columns(columns: Columns, names: Iterable[str]) -> list[str]:
    kinds = ((name, _kind(columns, name)) for name in names)
    return [name for name, kind in kinds if kind is not None and _is_binary(kind)]


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)
    )


def _in_utc(value: str, kind: pa.DataType) -> str:
    return f"({value} at time zone 'UTC')" if kind.tz else value


def _holds_time(kind: pa.DataType) -> bool:
    if pa.types.is_timestamp(kind):
        return True
    if pa.types.is_struct(kind):
        return any(_holds_time(field.type) for field in kind)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _holds_time(kind.value_type)
    return False
