"""Text in Arrow columns that is not UTF-8: which rows hold it, and how the others are read."""

import pyarrow as pa


def undecodable_rows(column: pa.Array) -> list[int]:
    """Return the rows whose nested values hold text that is not UTF-8.

    Text of the column itself is left alone: `without_validation` makes bytes of it, which SQL
    decodes one by one.
    """
    if not pa.types.is_nested(column.type):
        return []
    return _broken(column, 0)


def _broken(column: pa.Array, first: int) -> list[int]:
    """Halve what is not valid until single rows are left: broken ones are few."""
    if _is_valid(column):
        return []
    if len(column) == 1:
        return [first]
    middle = len(column) // 2
    return [*_broken(column[:middle], first), *_broken(column[middle:], first + middle)]


def _is_valid(column: pa.Array) -> bool:
    # A slice still holds all nested values of the whole; `take` leaves the others behind.
    own = column.take(pa.array(range(len(column)), pa.int64()))
    try:
        own.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def without_rows(column: pa.Array, rows: set[int]) -> pa.Array:
    """Return a nested column with null in some of its rows."""
    if not rows or not pa.types.is_nested(column.type):
        return column
    kept = [None if row in rows else row for row in range(len(column))]
    return column.take(pa.array(kept, pa.int64()))


def without_validation(column: pa.Array) -> pa.Array:
    """Return text as bytes: DuckDB does not survive text that is not UTF-8."""
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.storage
    if pa.types.is_dictionary(column.type):
        column = without_validation(column.dictionary).take(column.indices)
    if pa.types.is_string(column.type):
        return column.view(pa.binary())
    if pa.types.is_large_string(column.type):
        return column.view(pa.large_binary())
    if pa.types.is_string_view(column.type):
        return column.view(pa.binary_view())
    return column
