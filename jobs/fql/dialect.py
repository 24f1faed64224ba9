"""The SQL expressions that differ between engines; these are DuckDB's.

A key path is written as a JSON pointer (`/a/b`): unlike `$."a"."b"` it can name any key, also `*`.
A part of digits indexes an array too, as in Segment.
"""

from ingest import sql
from jobs.fql.syntax import Field

# The json_type of a string, a boolean, an explicit null and a number with a fraction or exponent.
STRING, BOOLEAN, NULL, DOUBLE = "VARCHAR", "BOOLEAN", "NULL", "DOUBLE"
# The types whose text needs no care, and those of numbers, as the inside of a SQL list.
PLAIN_WORDS = "'VARCHAR', 'BIGINT', 'UBIGINT'"
PLAIN_SCALARS = f"'BOOLEAN', {PLAIN_WORDS}"
NUMBERS = "'BIGINT', 'UBIGINT', 'DOUBLE'"
_MAX_HUGEINT = 2**127 - 1
_MAX_EXACT_DOUBLE = 2**53


def text_literal(text: str) -> str:
    """Return `text` as a SQL string.

    Raises:
        ValueError: the text holds a NUL, which no database stores.
    """
    if "\0" in text:
        raise ValueError("the text has a NUL; remove it")
    return sql.literal(text)


def json_type(field: Field) -> str:
    """Return the type of the JSON value: SQL NULL when it is missing, `NULL` when it is null."""
    return f"json_type({_json_arguments(field)})"


def text(field: Field) -> str:
    """Return a field as text, a JSON string without its quotes: `true` is like `"true"`."""
    if field.is_text:
        return field.column
    return f"json_extract_string({_json_arguments(field)})"


def json_value(field: Field) -> str:
    """Return the JSON value as JSON text; SQL NULL when it is missing or null."""
    return f"nullif(cast(json_extract({_json_arguments(field)}) as varchar), 'null')"


def contains(text: str, part: str) -> str:
    """Return whether the SQL expression `text` holds `part` as a substring."""
    return f"contains({text}, {text_literal(part)})"


def matches_whole(text: str, regex: str) -> str:
    """Return whether the whole of the SQL expression `text` matches; the dot matches a newline."""
    return f"regexp_full_match({text}, {text_literal(regex)}, 's')"


def compare_number(text: str, operator: str, literal: float) -> str:
    """Return the comparison of a number's text with a literal.

    A double is exact up to 2^53. Larger whole numbers are compared as HUGEINT, as far as they fit.
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


def _json_arguments(field: Field) -> str:
    pointer = "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in field.keys)
    return f"{field.column}, {text_literal(pointer)}"
