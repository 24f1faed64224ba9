"""JSON that breaks the rules of JSON a little: found in SQL, mended text by text.

Of a key twice in one object the last counts, NaN and Infinity are null, a lone surrogate is U+FFFD,
an integer past 64 bits is its own text, and so is an identifier that a double would round. DuckDB
reads the first of two keys, takes NaN for valid and a lone surrogate for invalid, so what it says
of a text alone is not enough. Only texts that SQL suspects reach Python.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import Any

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType

from ingest.decimal_text import LARGEST_EXPONENT

# A writer that puts space between members does so from the first one on.
LOOSE_START = r"^\s|^\{\s|^\{\"[^\"]*\"\s|^\{\"[^\"]*\":\s"
# A number follows `:`, or `,` and `[` in a list. NaN and Infinity, integers past 64 bits, and what
# has another spelling: exponents, long fractions and those that end in zero. Patterns that begin
# with a literal are searched several times as fast as those that begin with a class.
SUSPECT_NUMBER = (
    r"\s*-?(?:[nN][aA][nN]|[iI][nN][fF]|[0-9.]{19}|[0-9.]+[eE]|[0-9]+\.[0-9]+0\s*[,\]}])"
)
# Every digit of a numeric identifier counts, and JSON numbers are read as doubles.
IDENTIFYING = frozenset(
    ("userId", "anonymousId", "groupId", "previousId", "messageId", "mutinyVisitorId")
)
SUSPECT_IDENTIFIER = 'Id":-?[0-9]+[.eE]'
KNOWN_SHAPES = 200
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# A string, or one of the other spellings of what is no number that DuckDB takes for one.
STRING_OR_NO_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|-?(?:nan|inf(?:inity)?)\b', re.IGNORECASE)
MIN_BIGINT, MAX_UBIGINT = -(2**63), 2**64 - 1

_READ = pa.struct([("text", pa.string()), ("repairs", pa.list_(pa.string()))])


def compact_json(value: str, *, is_long: bool = False) -> str:
    """Return the SQL of a JSON text without space around its members or escapes of its own.

    Null when the value is no JSON. A long text that looks compact is left as it is, and not parsed.
    """
    compact = f"try(json({value}))::varchar"
    if not is_long:
        return compact
    return (
        f"case when regexp_matches({value}, '{LOOSE_START}') or contains({value}, '\\')"
        f" then {compact} else {value} end"
    )


def clean_json(value: str, compact: str, *, is_long: bool = False) -> str:
    """Return the SQL that reads a JSON text as a struct of `text` and `repairs`.

    `compact` is the column of its compact text. The struct's `text` is compact JSON, or null when
    the value is no JSON at all; `repairs` names what was mended, and is null for nearly every text.
    A `text` with repairs still wants `json()`. The statement takes `$known_shapes`, see
    `known_shapes`.
    """
    # A long text that looks compact has not been parsed yet; in brackets, two objects would pass.
    is_json = f"coalesce(json_valid({compact}), false)" if is_long else f"{compact} is not null"
    sound = (
        # The keys of no JSON have the hash of no keys.
        f"case when not ({is_json}) then false"
        f" when {compact} = '{{}}' then true"
        # A number whose text is left as it is was a double's shortest text before.
        f" when {compact} <> {value} and regexp_matches({compact}, '{SUSPECT_IDENTIFIER}')"
        " then false"
        f" when regexp_matches({compact}, ':{SUSPECT_NUMBER}') then false"
        f" when contains({compact}, '[')"
        f" and regexp_matches({compact}, '[\\[,]{SUSPECT_NUMBER}') then false"
        f" when list_contains($known_shapes, try(hash({_keys(compact)}))) then true"
        f" else coalesce(not {_repeats_a_key(compact)}, false) end"
    )
    return (
        f"case when {value} is null then null"
        f" when {sound} then struct_pack(text := {compact}, repairs := null::varchar[])"
        f" else repair_json({value}) end"
    )


def known_shapes(
    con: duckdb.DuckDBPyConnection,
    sample: str,
    values: Iterable[str],
    parameters: dict[str, Any],
) -> list[int]:
    """Return hashes of the keys that texts of a sample have, where no object repeats one.

    Few shapes make up nearly all messages, and a look at the hash of a shape costs a third of a
    look at its keys. `values` are SQL of JSON texts over the relation `sample`.
    """
    return [
        shape
        for (shape,) in con.execute(
            f"""
            select hash({_keys("text")}) as shape
            from (select unnest([{", ".join(values)}]) as text from {sample}) as texts
            where json_valid(text) and not {_repeats_a_key("text")}
            group by shape
            order by count(*) desc, shape
            limit {KNOWN_SHAPES}
            """,
            parameters,
        ).fetchall()
    ]


def _keys(text: str) -> str:
    """The keys of every object; the array around the text makes `$..*` see those of its top."""
    return f"json_keys('[' || {text} || ']', '$..*')"


def _repeats_a_key(text: str) -> str:
    """Whether an object has a key twice: a rule of the text alone, whatever the sample holds."""
    return (
        f"try(list_bool_or(list_transform({_keys(text)},"
        " lambda keys: len(keys) <> len(list_distinct(keys)))))"
    )


@contextmanager
def json_repair(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Offer `repair_json` to the statements of a connection."""
    con.create_function(
        "repair_json",
        _repair_all,
        ["VARCHAR"],
        "STRUCT(text VARCHAR, repairs VARCHAR[])",
        type=PythonUDFType.ARROW,
    )
    try:
        yield
    finally:
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
