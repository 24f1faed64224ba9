"""JSON that breaks the rules of JSON a little: found in SQL, mended text by text.

Of a key twice in one object the last counts, NaN and Infinity are null, a lone surrogate is U+FFFD,
an integer past 64 bits is its own text, and so is an identifier that a double would round. DuckDB
reads the first of two keys, takes NaN for valid and a lone surrogate for invalid, so what it says
of a text alone is not enough. Only texts that SQL suspects reach Python.
"""

import json
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import Any

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType

from ingest.decimal_text import LARGEST_EXPONENT
from ingest.sql import statement

# Every digit of a numeric identifier counts, and JSON numbers are read as doubles.
IDENTIFYING = frozenset(
    ("userId", "anonymousId", "groupId", "previousId", "messageId", "mutinyVisitorId")
)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# A string, or one of the other spellings of NaN and Infinity, which DuckDB takes for numbers.
STRING_OR_NO_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|-?(?:nan|inf(?:inity)?)\b', re.IGNORECASE)
MIN_BIGINT, MAX_UBIGINT = -(2**63), 2**64 - 1

_READ = pa.struct([("text", pa.string()), ("repairs", pa.list_(pa.string()))])


@contextmanager
def json_repair(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Offer `read_json` and what it is made of to the statements of a connection."""
    con.create_function(
        "repair_json",
        _repair_all,
        ["VARCHAR"],
        "STRUCT(text VARCHAR, repairs VARCHAR[])",
        type=PythonUDFType.ARROW,
    )
    con.execute(statement("json_repair"))
    try:
        yield
    finally:
        con.execute("drop macro read_json")
        con.remove_function("repair_json")


def _repair_all(texts: pa.Array) -> pa.Array:
    repaired = (repair_json(text) for text in texts.to_pylist())
    return pa.array([{"text": text, "repairs": repairs} for text, repairs in repaired], _READ)


def repair_json(text: str) -> tuple[str | None, list[str] | None]:
    """Return a text as JSON that every reader reads alike, and what had to be mended.

    The text is None when it is no JSON, or nested deeper than Python's parser goes.
    """
    repairs: set[str] = set()

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            repairs.add("repeated_key")
        for key in found.keys() & IDENTIFYING:
            value = found[key]
            if isinstance(value, _Number) and value.is_rounded():
                found[key] = value.plain_text()
                repairs.add("not_a_number" if found[key] is None else "long_number")
        return found

    def not_a_number(_: str) -> None:
        repairs.add("not_a_number")

    def number(digits: str) -> float | None:
        if math.isfinite(value := _Number(digits)):
            return value
        repairs.add("not_a_number")
        return None

    def integer(digits: str) -> int | str:
        if len(digits) <= 21 and MIN_BIGINT <= int(digits) <= MAX_UBIGINT:
            return int(digits)
        repairs.add("big_integer")
        return digits

    reader = json.JSONDecoder(
        object_pairs_hook=members,
        parse_constant=not_a_number,
        parse_float=number,
        parse_int=integer,
    )
    try:
        try:
            read = reader.decode(text)
        except ValueError:
            repairs.clear()
            read = reader.decode(STRING_OR_NO_NUMBER.sub(_as_nan, text))
        written = json.dumps(read, ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        return None, None
    written, surrogates = LONE_SURROGATE.subn("\ufffd", written)
    if surrogates:
        repairs.add("lone_surrogate")
    return (written, sorted(repairs)) if repairs else (text, [])


class _Number(float):
    """The double that a number is read as, and the digits that it was written with."""

    digits: str

    def __new__(cls, digits: str) -> "_Number":
        value = super().__new__(cls, digits)
        value.digits = digits
        return value

    def is_rounded(self) -> bool:
        """Return whether the double is another number than the text."""
        return self._exact() != Decimal(float.__repr__(self))

    def plain_text(self) -> str | None:
        """Return every digit, without an exponent; None for what is too small to be written out."""
        exact = self._exact()
        if exact is None or abs(exact.adjusted()) > LARGEST_EXPONENT:
            return None
        text = format(exact, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text

    def _exact(self) -> Decimal | None:
        try:
            return Decimal(self.digits)
        except InvalidOperation:
            return None


def _as_nan(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith('"') else "NaN"
