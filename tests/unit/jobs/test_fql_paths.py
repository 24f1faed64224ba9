"""What a message path reads, seen through a real DuckDB."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.fql import MessagePath, compile_path


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def read(engine: duckdb.DuckDBPyConnection, expression: str, value: str | None) -> Any:
    """Evaluate over a message whose `properties` hold `{"v": <value>}`, or nothing for None."""
    properties = None if value is None else f'{{"v": {value}}}'
    sql = f"select {expression} from (select ?::varchar as properties, 'u1' as user_id)"
    found = engine.execute(sql, [properties]).fetchone()
    assert found is not None
    return found[0]


VALUE = compile_path("properties.v")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('"gold"', "gold"),
        ('""', ""),
        ('"40"', "40"),
        ("40", "40"),
        ("40.0", "40"),
        ("4e1", "40"),
        ("40.50", "40.5"),
        ("100", "100"),
        ("0", "0"),
        ("-0.0", "0"),
        ("-2.5", "-2.5"),
        ("0.1", "0.1"),
        ("1e-30", "0." + 29 * "0" + "1"),
        ("1e21", "1000000000000000000000"),
        ("1.5e-7", "0.00000015"),
        ("-1.5e-7", "-0.00000015"),
        ("1e300", "1" + "0" * 300),
        ("-1.7976931348623157e308", "-17976931348623157" + "0" * 292),
        ("5e-324", "0." + "0" * 323 + "5"),
        ("0.12345678901", "0.12345678901"),
        ("0.12345678902", "0.12345678902"),
        ("1.2345678901234567e-20", "0.000000000000000000012345678901234567"),
        ("9007199254740993", "9007199254740993"),
        ("18446744073709551615", "18446744073709551615"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("true", "true"),
        ("null", None),
        ('{"a": 1}', None),
        ("[1]", None),
        (None, None),
    ],
)
def test_text(engine: duckdb.DuckDBPyConnection, value: str | None, text: str | None) -> None:
    assert read(engine, VALUE.text_sql(), value) == text


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**40), 10**40))
def test_text_of_a_number_is_its_plain_decimal(
    engine: duckdb.DuckDBPyConnection, number: float
) -> None:
    plain = f"{Decimal(repr(number)):f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    expected = "0" if plain == "-0" else plain
    assert read(engine, VALUE.text_sql(), repr(number)) == expected


def test_text_reads_booleans_unless_they_say_nothing(engine: duckdb.DuckDBPyConnection) -> None:
    for value, text in (("true", None), ('"usd"', "usd"), ("840", "840"), ("840.0", "840")):
        assert read(engine, VALUE.text_sql(reads_booleans=False), value) == text


@pytest.mark.parametrize(
    ("value", "kind"),
    [('"a"', "VARCHAR"), ("true", "BOOLEAN"), ("null", "NULL"), ("[]", "ARRAY"), (None, None)],
)
def test_type(engine: duckdb.DuckDBPyConnection, value: str | None, kind: str | None) -> None:
    assert read(engine, VALUE.type_sql(), value) == kind


@pytest.mark.parametrize(
    ("value", "number"),
    [("12.5", 12.5), ("40", 40.0), ("1e3", 1000.0), ('"12.5"', None), ("true", None), (None, None)],
)
def test_number(engine: duckdb.DuckDBPyConnection, value: str | None, number: float | None) -> None:
    assert read(engine, VALUE.number_sql(), value) == number


@pytest.mark.parametrize(
    ("value", "units"),
    [
        ("12.5", 125_000),
        ("0.00005", 1),
        ("-0.00005", -1),
        ("0.00004", 0),
        ("1.00005", 10_001),
        ("2.675", 26_750),
        ("1e3", 10_000_000),
        ("1.23456789e5", 1_234_567_890),
        ("5e-5", 1),
        ("1000000000", 10_000_000_000_000),
        ("-1000000000", -10_000_000_000_000),
        ("1000000000.01", None),
        ("-1000000001", None),
        ("1e30", None),
        ("1e400", None),
        ("123456789.1234", 1_234_567_891_234),
        ("999999999.99995", 10_000_000_000_000),
        ('"12.5"', None),
        ("true", None),
        ("null", None),
        (None, None),
    ],
)
def test_units(engine: duckdb.DuckDBPyConnection, value: str | None, units: int | None) -> None:
    assert read(engine, VALUE.units_sql(), value) == units


def test_units_are_whole_numbers_of_the_engine(engine: duckdb.DuckDBPyConnection) -> None:
    assert read(engine, f"typeof({VALUE.units_sql()})", "1") == "BIGINT"
    assert read(engine, f"typeof({VALUE.number_sql()})", "1") == "DOUBLE"


def test_text_column(engine: duckdb.DuckDBPyConnection) -> None:
    path = compile_path("userId")
    assert read(engine, path.text_sql(), "1") == "u1"
    assert read(engine, path.type_sql(), "1") == "VARCHAR"
    assert read(engine, path.number_sql(), "1") is None
    assert read(engine, path.units_sql(), "1") is None


def test_path_remembers_its_text() -> None:
    path = compile_path("properties.product\\ 1.price")
    assert isinstance(path, MessagePath)
    assert path.text == "properties.product\\ 1.price"
    assert path.field.keys == ("product 1", "price")
