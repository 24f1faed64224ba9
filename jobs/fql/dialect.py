"""The expressions that differ from one SQL engine to the next; these are DuckDB's.

A key path is written as a JSON pointer (`/a/b`): unlike `$."a"."b"` it can name any key, also `*`.
A part of digits indexes an array too, as in Segment.
"""

from collections.abc import Sequence

from ingest import sql

# The json_type of a string, a boolean, an explicit null and a number with a fraction or exponent.
STRING, BOOLEAN, NULL, DOUBLE = "VARCHAR", "BOOLEAN", "NULL", "DOUBLE"
# Those whose text needs no care, and those of numbers, as the inside of a SQL list.
PLAIN_WORDS = "'VARCHAR', 'BIGINT', 'UBIGINT'"
PLAIN_SCALARS = f"'BOOLEAN', {PLAIN_WORDS}"
_NUMBERS = "'BIGINT', 'UBIGINT', 'DOUBLE'"
_MAX_HUGEINT = 2**127 - 1
_MAX_EXACT_DOUBLE = 2**53
_MOST_ZEROS = 400


def text_literal(text: str) -> str:
    """Return `text` as a SQL string.

    Raises:
        ValueError: the text holds a NUL, which no database stores.
    """
    if "\0" in text:
        raise ValueError("a NUL stands in the text; remove it")
    return sql.literal(text)


def json_type(column: str, keys: Sequence[str]) -> str:
    """Return the type of the JSON value: SQL NULL when it is missing, `NULL` when it is null."""
    return f"json_type({_json_arguments(column, keys)})"


def json_text(column: str, keys: Sequence[str]) -> str:
    """Return the JSON value as text, a string without its quotes: `true` is like `"true"`."""
    return f"json_extract_string({_json_arguments(column, keys)})"


def json_value(column: str, keys: Sequence[str]) -> str:
    """Return the JSON value as JSON text; SQL NULL when it is missing or null."""
    return f"nullif(cast(json_extract({_json_arguments(column, keys)}) as varchar), 'null')"


def json_is(column: str, keys: Sequence[str], kind: str) -> str:
    """Return whether the JSON value is of one type; SQL NULL when it is missing."""
    return f"{json_type(column, keys)} = '{kind}'"


def json_is_number(column: str, keys: Sequence[str]) -> str:
    """Return whether the JSON value is a number; SQL NULL when it is missing."""
    return f"{json_type(column, keys)} in ({_NUMBERS})"


def contains(text: str, part: str) -> str:
    """Return whether the SQL expression `text` holds `part` as a substring."""
    return f"contains({text}, {text_literal(part)})"


def matches_whole(text: str, regex: str) -> str:
    """Return whether the whole of the SQL expression `text` matches; the dot matches a newline."""
    return f"regexp_full_match({text}, {text_literal(regex)}, 's')"


def compare_number(text: str, operator: str, literal: float) -> str:
    """Return the comparison of a number's text with a literal.

    A double is exact up to 2^53; beyond, whole numbers are compared as such as far as the engine
    has them.
    """
    as_double = f"{double(text)} {operator} cast('{float(literal)!r}' as double)"
    if isinstance(literal, float) or not _MAX_EXACT_DOUBLE <= abs(literal) <= _MAX_HUGEINT:
        return as_double
    whole = f"try_cast({text} as hugeint) {operator} cast('{literal}' as hugeint)"
    return f"coalesce({whole}, {as_double})"


def double(text: str) -> str:
    """Return a number's text as DOUBLE."""
    return f"try_cast({text} as double)"


def money_units(text: str) -> str:
    """Return a number's text in units of 1/10,000 as BIGINT, rounded half away from zero.

    The text becomes a decimal without passing through a double; beyond ±1e9 the result is NULL.
    """
    amount = f"try_cast({text} as decimal(18, 4))"
    return f"case when abs({amount}) <= 1000000000 then cast({amount} * 10000 as bigint) end"


def _json_arguments(column: str, keys: Sequence[str]) -> str:
    pointer = "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)
    return f"{column}, {text_literal(pointer)}"
