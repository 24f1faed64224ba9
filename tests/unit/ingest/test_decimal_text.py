"""Numbers as text: the SQL of Python and the macro of the models, by Python's Decimal."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import jinja2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.decimal_text import plain_decimal

MACROS = Path(__file__).parents[3] / "macros" / "engine" / "json.sql"


def _macro() -> str:
    """The SQL that the models' macro of this name makes of a column."""
    source = MACROS.read_text(encoding="utf-8")
    text = re.search(r"{% macro plain_decimal.*?{%- endmacro %}", source, re.DOTALL)
    assert text is not None
    return jinja2.Template(text[0] + "{{ plain_decimal('number') }}").render()


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        yield con


def _texts(con: duckdb.DuckDBPyConnection, numbers: list[str], sql: str) -> list[str | None]:
    asked = f"select {sql} from (select unnest($numbers::varchar[]) as number)"
    return [text for (text,) in con.execute(asked, {"numbers": numbers}).fetchall()]


numbers = st.from_regex(
    r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True
)


@given(st.lists(numbers, min_size=1, max_size=20))
@example(["0.12345678901", "0.12345678902", "1e3", "1000.0", "-0", "-0.0e5", "1e-400", "1e400"])
@example(["10", "100.0", "0.0100", "1e401", "1e-401", "12345678901234567890123456789012345678901"])
@settings(deadline=None, max_examples=25)
def test_decimal_text_has_every_digit(
    engine: duckdb.DuckDBPyConnection, numbers: list[str]
) -> None:
    found = _texts(engine, numbers, plain_decimal("number"))
    for number, text in zip(numbers, found, strict=True):
        exponent = int(re.search(r"(?:[eE]([+-]?\d+))?$", number)[1] or 0)  # type: ignore[index]
        if abs(exponent) > 400 and Decimal(number):
            assert text is None, number
            continue
        assert text is not None, number
        assert Decimal(text) == Decimal(number)
        assert re.fullmatch(r"-?(0|[1-9]\d*)(\.\d*[1-9])?", text), (number, text)
        assert text != "-0"
    assert _texts(engine, numbers, _macro()) == found
