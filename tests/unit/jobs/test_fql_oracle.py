"""The compiled SQL against an evaluator of the syntax tree that shares nothing with it."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, example, given, settings

from jobs.fql import compile_trigger, parse_trigger
from jobs.fql.syntax import (
    And,
    Comparison,
    Contains,
    Expression,
    Field,
    Match,
    Membership,
    Not,
    Or,
)

TEXT_FIELDS = {"type": "type", "event": "event_name", "userId": "user_id"}
MISSING = object()


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def read(field: Field, message: dict[str, Any]) -> Any:
    value = message.get(field.root, MISSING)
    for key in field.keys:
        if isinstance(value, dict):
            value = value.get(key, MISSING)
        elif isinstance(value, list) and key.isdigit() and str(int(key)) == key:
            value = value[int(key)] if int(key) < len(value) else MISSING
        else:
            value = MISSING
    return value


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def equals(value: Any, literal: Any) -> bool:
    if literal is None:
        return value is None or value is MISSING
    if is_number(literal):
        return is_number(value) and bool(value == literal)
    return type(value) is type(literal) and bool(value == literal)


def glob_matches(glob: str, text: str) -> bool:
    """Match `*`, `?` and `\\x` by recursion; the generated globs hold no class."""
    if not glob:
        return not text
    if glob[0] == "*":
        return any(glob_matches(glob[1:], text[cut:]) for cut in range(len(text) + 1))
    if not text:
        return False
    if glob[0] == "?":
        return glob_matches(glob[1:], text[1:])
    if glob[0] == "\\":
        return glob[1] == text[0] and glob_matches(glob[2:], text[1:])
    return glob[0] == text[0] and glob_matches(glob[1:], text[1:])


def evaluate(expression: Expression, message: dict[str, Any]) -> bool:
    match expression:
        case And(operands):
            return all(evaluate(operand, message) for operand in operands)
        case Or(operands):
            return any(evaluate(operand, message) for operand in operands)
        case Not(operand):
            return not evaluate(operand, message)
        case Membership(field, literals):
            return any(equals(read(field, message), literal) for literal in literals)
        case Contains(field, text):
            value = read(field, message)
            return isinstance(value, str) and text in value
        case Match(field, glob, _):
            value = read(field, message)
            return isinstance(value, str) and glob_matches(glob, value)
        case Comparison(field, operator, literal):
            return compare(read(field, message), operator, literal)


def compare(value: Any, operator: str, literal: Any) -> bool:
    if operator in ("=", "!="):
        return equals(value, literal) == (operator == "=")
    if not is_number(value):
        return False
    orders = {"<": value < literal, "<=": value <= literal, ">": value > literal}
    return bool(orders.get(operator, value >= literal))


# Few letters, so that texts meet; quotes, wildcards and a line end, so that escaping is tried.
ALPHABET = "aA*?'\"\\%_. \n/~$0é🎉"
texts = st.text(ALPHABET, max_size=4)
numbers = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([2**53, 2**53 + 1, -(2**53) - 1, 2**63, 2**64 + 1, 10**30]),
    st.sampled_from([0.5, -2.5, 1.0, 1e3, 1e-7, 1e21]),
)
scalars = st.one_of(texts, numbers, st.booleans(), st.none())
keys = st.sampled_from(["a", "b", "0", "1", "a.b", "A", "*", "$", "q'\"", "x y", "/", "~1", "é"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=5,
)
messages = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(TEXT_FIELDS, texts),
        "properties": st.dictionaries(keys, values, max_size=4),
        "traits": st.dictionaries(keys, values, max_size=2),
    },
)


def escaped_key(key: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() else "\\" + c for c in key)


def quoted(text: str) -> str:
    quote = "'" if len(text) % 2 else '"'
    escaped = "".join("\\" + c if c in ("\\", quote) else c for c in text)
    return quote + escaped + quote


def written(literal: Any) -> str:
    return quoted(literal) if isinstance(literal, str) else json.dumps(literal)


paths = st.builds(
    lambda root, parts: ".".join([root, *map(escaped_key, parts)]),
    st.sampled_from(["properties", "traits"]),
    st.lists(keys, min_size=1, max_size=2),
)
fields = paths | st.sampled_from(list(TEXT_FIELDS))
globs = st.lists(
    st.sampled_from(["*", "?", "a", "A", "\\*", "\\?", "\\\\", ".", "é", " ", "\\'"]), max_size=4
).map("".join)
leaves = st.one_of(
    st.builds(
        lambda f, o, v: f"{f} {o} {written(v)}", fields, st.sampled_from(["=", "!="]), scalars
    ),
    st.builds(
        lambda f, o, v: f"{f} {o} {written(v)}",
        fields,
        st.sampled_from(["<", "<=", ">", ">="]),
        numbers,
    ),
    st.builds(
        lambda f, vs: f"{f} in [{', '.join(map(written, vs))}]",
        fields,
        st.lists(scalars, min_size=1, max_size=3),
    ),
    st.builds(lambda f, v: f"contains({f}, {quoted(v)})", fields, texts),
    st.builds(lambda f, g: f"match({f}, '{g}')", fields, globs),
)
triggers = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda t: f"!({t})", inner),
        st.builds(
            lambda word, ts: f" {word} ".join(f"({t})" for t in ts),
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=2, max_size=3),
        ),
    ),
    max_leaves=5,
)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(triggers, st.lists(messages, min_size=1, max_size=8))
@example("properties.a != 9007199254740993", [{"properties": {"a": 2**53}}])
@example("!(properties.0 in [null, 'a'])", [{"properties": {"0": "a"}}, {}])
def test_sql_agrees_with_the_evaluator(
    engine: duckdb.DuckDBPyConnection, trigger: str, messages: list[dict[str, Any]]
) -> None:
    expected = [evaluate(parse_trigger(trigger).expression, message) for message in messages]
    engine.execute(
        "create or replace temp table messages (position integer, type varchar, event_name varchar,"
        " user_id varchar, properties varchar, traits varchar)"
    )
    engine.executemany(
        "insert into messages values (?, ?, ?, ?, ?, ?)",
        [
            [
                position,
                *(message.get(field) for field in TEXT_FIELDS),
                *(
                    json.dumps(message[name]) if name in message else None
                    for name in ("properties", "traits")
                ),
            ]
            for position, message in enumerate(messages)
        ],
    )
    found = engine.execute(
        f"select ({compile_trigger(trigger)}) is true from messages order by position"
    ).fetchall()
    assert [row[0] for row in found] == expected
