"""What a trigger means, seen through a real DuckDB."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from jobs.fql import compile_trigger, parse_trigger

COLUMNS = {
    "type": "type",
    "event": "event_name",
    "name": "name",
    "userId": "user_id",
    "anonymousId": "anonymous_id",
    "groupId": "group_id",
    "messageId": "message_id",
    "channel": "channel",
}
OBJECTS = ("properties", "traits", "context", "integrations")
RELATION = "(select " + ", ".join(f"?::varchar as {c}" for c in (*COLUMNS.values(), *OBJECTS)) + ")"


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def holds(engine: duckdb.DuckDBPyConnection, trigger: str, message: dict[str, Any]) -> bool:
    row: list[str | None] = [message.get(field) for field in COLUMNS]
    for field in OBJECTS:
        value = message.get(field)
        row.append(value if value is None or isinstance(value, str) else json.dumps(value))
    sql = f"select count(*) from {RELATION} where {compile_trigger(trigger)}"
    found = engine.execute(sql, row).fetchone()
    assert found is not None
    return bool(found[0])


SIGNED_UP = {"type": "track", "event": "Signed Up", "userId": "u1", "messageId": "m1"}
PROPERTIES = {
    "plan": "gold",
    "n": 40,
    "f": 40.5,
    "forty": 40.0,
    "thousand": 1e3,
    "text40": "40",
    "yes": True,
    "no": False,
    "textTrue": "true",
    "nothing": None,
    "empty": "",
    "object": {"a": {"b": 1}, "true": True},
    "list": [1, "two", {"three": 3}],
    "zero": 0,
    "negative": -2.5,
}
RICH = {**SIGNED_UP, "properties": PROPERTIES}

CASES: list[tuple[str, dict[str, Any], bool]] = [
    # Text columns: equality, missing, null, case.
    ('event = "Signed Up"', SIGNED_UP, True),
    ("event = 'Signed Up'", SIGNED_UP, True),
    ('event = "signed up"', SIGNED_UP, False),
    ('event != "Signed Up"', SIGNED_UP, False),
    ('event != "Other"', SIGNED_UP, True),
    ('event = "x"', {"type": "page"}, False),
    ('event != "x"', {"type": "page"}, True),
    ("event = null", {"type": "page"}, True),
    ("event != null", {"type": "page"}, False),
    ("userId != null", SIGNED_UP, True),
    ("userId = null", SIGNED_UP, False),
    ('anonymousId = ""', {"anonymousId": ""}, True),
    ("anonymousId = null", {"anonymousId": ""}, False),
    ('anonymousId = "a1"', {"anonymousId": "a1"}, True),
    ('groupId = "g"', {"groupId": "g"}, True),
    ('messageId = "m1"', SIGNED_UP, True),
    ('channel = "server"', {"channel": "server"}, True),
    ('name = "Pricing"', {"name": "Pricing"}, True),
    # Text never equals a number or a boolean, and has no order.
    ("userId = 5", {"userId": "5"}, False),
    ("userId != 5", {"userId": "5"}, True),
    ("userId != 5", {}, True),
    ("userId = true", {"userId": "true"}, False),
    ("userId > 5", {"userId": "6"}, False),
    ("!(userId > 5)", {"userId": "6"}, True),
    # JSON equality is typed.
    ('properties.plan = "gold"', RICH, True),
    ('properties.plan = "Gold"', RICH, False),
    ('properties.Plan = "gold"', RICH, False),
    ("properties.n = 40", RICH, True),
    ("properties.n = 40.0", RICH, True),
    ("properties.n = 4e1", RICH, True),
    ("properties.forty = 40", RICH, True),
    ("properties.thousand = 1000", RICH, True),
    ('properties.n = "40"', RICH, False),
    ('properties.n != "40"', RICH, True),
    ("properties.text40 = 40", RICH, False),
    ('properties.text40 = "40"', RICH, True),
    ("properties.text40 != 40", RICH, True),
    ("properties.yes = true", RICH, True),
    ("properties.yes = false", RICH, False),
    ("properties.no = false", RICH, True),
    ("properties.textTrue = true", RICH, False),
    ('properties.textTrue = "true"', RICH, True),
    ('properties.yes = "true"', RICH, False),
    ("properties.yes = 1", RICH, False),
    ("properties.zero = false", RICH, False),
    ("properties.zero = -0", RICH, True),
    ('properties.empty = ""', RICH, True),
    ("properties.empty != null", RICH, True),
    ("properties.negative = -2.5", RICH, True),
    ("properties.negative = -25e-1", RICH, True),
    # Missing and null.
    ("properties.nothing = null", RICH, True),
    ("properties.nothing != null", RICH, False),
    ("properties.missing = null", RICH, True),
    ("properties.missing != null", RICH, False),
    ('properties.missing != "x"', RICH, True),
    ("properties.missing != 5", RICH, True),
    ("properties.missing != true", RICH, True),
    ("properties.missing = 5", RICH, False),
    ('properties.nothing != "x"', RICH, True),
    ('properties.nothing = "null"', RICH, False),
    ("properties.object = null", RICH, False),
    ("properties.object != null", RICH, True),
    ("properties.plan = null", SIGNED_UP, True),
    # Ordering holds for numbers only.
    ("properties.n > 39", RICH, True),
    ("properties.n >= 40", RICH, True),
    ("properties.n > 40", RICH, False),
    ("properties.f < 41", RICH, True),
    ("properties.f <= 40.5", RICH, True),
    ("properties.text40 > 1", RICH, False),
    ("properties.yes > 0", RICH, False),
    ("properties.nothing < 5", RICH, False),
    ("properties.missing < 5", RICH, False),
    ("!(properties.missing < 5)", RICH, True),
    ("!(properties.text40 > 1)", RICH, True),
    ("properties.negative < -2", RICH, True),
    # Whole numbers past 2^53 are exact.
    ("properties.n = 9007199254740993", {"properties": '{"n":9007199254740993}'}, True),
    ("properties.n = 9007199254740993", {"properties": '{"n":9007199254740992}'}, False),
    ("properties.n > 9007199254740992", {"properties": '{"n":9007199254740993}'}, True),
    ("properties.n = 18446744073709551617", {"properties": '{"n":18446744073709551617}'}, True),
    ("properties.n = 18446744073709551617", {"properties": '{"n":18446744073709551616}'}, False),
    ("properties.n < 1e300", {"properties": '{"n":1e299}'}, True),
    ("properties.n = 1e300", {"properties": '{"n":1e300}'}, True),
    ("properties.n = 0.1", {"properties": '{"n":0.1}'}, True),
    ("properties.n = 0.3", {"properties": '{"n":0.30000000000000004}'}, False),
    # Paths: nesting, arrays, escapes, odd keys.
    ("properties.object.a.b = 1", RICH, True),
    ("properties.object.true = true", RICH, True),
    ("properties.list.0 = 1", RICH, True),
    ('properties.list.1 = "two"', RICH, True),
    ("properties.list.2.three = 3", RICH, True),
    ("properties.plan.x = null", RICH, True),
    ("properties.a\\.b = 1", {"properties": {"a.b": 1}}, True),
    ("properties.a\\.b = 1", {"properties": {"a": {"b": 1}}}, False),
    ("properties.product\\ 1.price = 2", {"properties": {"product 1": {"price": 2}}}, True),
    ('properties.say\\"hi\\" = 1', {"properties": {'say"hi"': 1}}, True),
    ("properties.it\\'s = 1", {"properties": {"it's": 1}}, True),
    ("properties.\\* = 1", {"properties": {"a": 1}}, False),
    ("properties.\\* = 1", {"properties": {"*": 1}}, True),
    ("properties.a\\/b = 1", {"properties": {"a/b": 1}}, True),
    ("properties.a\\~1b = 1", {"properties": {"a/b": 1}}, False),
    ("properties.a\\~1b = 1", {"properties": {"a~1b": 1}}, True),
    ("properties.a\\[0\\] = 1", {"properties": {"a[0]": 1}}, True),
    ("properties.back\\\\slash = 1", {"properties": {"back\\slash": 1}}, True),
    ("properties.$revenue = 1", {"properties": {"$revenue": 1}}, True),
    ("properties.\\@id = 1", {"properties": {"@id": 1}}, True),
    ("properties.🎉 = 1", {"properties": {"🎉": 1}}, True),
    ('properties.größe = "é"', {"properties": {"größe": "é"}}, True),
    ("properties.123 = 1", {"properties": {"123": 1}}, True),
    ("properties.and = 1", {"properties": {"and": 1}}, True),
    ("traits.email = 'a@b.co'", {"traits": {"email": "a@b.co", "Email": "x"}}, True),
    ("traits.Email = 'a@b.co'", {"traits": {"email": "a@b.co", "Email": "x"}}, False),
    ("context.device.type = 'ios'", {"context": {"device": {"type": "ios"}}}, True),
    ("integrations.All = false", {"integrations": {"All": False}}, True),
    # String escapes, injection.
    ('event = "it\'s"', {"event": "it's"}, True),
    ("event = 'it\\'s'", {"event": "it's"}, True),
    ('event = "say \\"hi\\""', {"event": 'say "hi"'}, True),
    ('event = "a\\\\b"', {"event": "a\\b"}, True),
    ('event = "a\\nb"', {"event": "a\nb"}, True),
    ("event = \"x' or true or 'x\"", {"event": "y"}, False),
    ("event = \"x' or true or 'x\"", {"event": "x' or true or 'x"}, True),
    ('event = "x\'; drop table m; --"', {"event": "y"}, False),
    ("properties.a\\'\\,true\\)-- = 1", {"properties": {"a": 1}}, False),
    ('event = "🎉 größe"', {"event": "🎉 größe"}, True),
    # contains().
    ('contains(event, "Sign")', SIGNED_UP, True),
    ("contains(event,'sign')", SIGNED_UP, False),
    ('contains(event, "")', SIGNED_UP, True),
    ('contains(event, "")', {}, False),
    ('!contains(event, "x")', {}, True),
    ('!contains(event, "Sign")', SIGNED_UP, False),
    ('contains(properties.plan, "ol")', RICH, True),
    ('contains(properties.n, "4")', RICH, False),
    ('!contains(properties.n, "4")', RICH, True),
    ('contains(properties.list, "two")', RICH, False),
    ('contains(properties.plan, "%")', RICH, False),
    ('!contains(properties.missing, "x")', RICH, True),
    # match(): a glob over the whole text.
    ('match(event, "Signed*")', SIGNED_UP, True),
    ('match(event, "Signed")', SIGNED_UP, False),
    ('match(event, "*Up")', SIGNED_UP, True),
    ('match(event, "Signed ?p")', SIGNED_UP, True),
    ('match(event, "Signed ?Up")', SIGNED_UP, False),
    ('match(event, "[A-Z]igned*")', SIGNED_UP, True),
    ('match(event, "[!A-Z]igned*")', SIGNED_UP, False),
    ('match(event, "[^a-z]igned*")', SIGNED_UP, True),
    ('match(event, "*")', {"event": ""}, True),
    ('match(event, "*")', {}, False),
    ('match(event, "")', {"event": ""}, True),
    ('match(event, "a*d")', {"event": "a\nb\nd"}, True),
    ('match(event, "a?d")', {"event": "a\nd"}, True),
    ('match(event, "a[^x]d")', {"event": "a\nd"}, True),
    ('match(event, "?")', {"event": "🎉"}, True),
    ('match(event, "ab\\*d")', {"event": "ab*d"}, True),
    ('match(event, "ab\\*d")', {"event": "abcd"}, False),
    ('match(event, "a\\\\b")', {"event": "a\\b"}, True),
    ('match(event, "[\\]\\-x]")', {"event": "]"}, True),
    ('match(event, "[a-]")', {"event": "-"}, True),
    ('match(event, "[+-\\-]")', {"event": ","}, True),
    ('match(event, "[+-\\-]")', {"event": "A"}, False),
    ('match(event, "a.c")', {"event": "abc"}, False),
    ('match(event, "(a|b)+$^{2}")', {"event": "(a|b)+$^{2}"}, True),
    ('match(event, "\\d")', {"event": "5"}, False),
    ('match(event, "\\d")', {"event": "d"}, True),
    ('match(event, "]")', {"event": "]"}, True),
    ('match(properties.plan, "g*")', RICH, True),
    ('match(properties.n, "*")', RICH, False),
    ('!match(properties.missing, "*")', RICH, True),
    ('match(context.library.version, "1.*")', {"context": {"library": {"version": "1.0"}}}, True),
    # in [..].
    ('event in ["Signed Up", "Other"]', SIGNED_UP, True),
    ('event in ["Other"]', SIGNED_UP, False),
    ('!(event in ["Other"])', SIGNED_UP, True),
    ('!(event in ["Signed Up", "Other"])', {}, True),
    ('!(event in ["Signed Up", "Other"])', SIGNED_UP, False),
    ("event in [5, true]", {"event": "5"}, False),
    ('event in ["a", "b", null]', {}, True),
    ('!(event in ["a", "b", null])', {}, False),
    ('properties.n in ["40", 41, 40]', RICH, True),
    ('properties.n in ["40", true]', RICH, False),
    ("properties.yes in ['true', 1]", RICH, False),
    ("properties.yes in [true]", RICH, True),
    ("properties.missing in [null]", RICH, True),
    ("!(properties.missing in [1, 'a'])", RICH, True),
    # Boolean structure.
    ('type = "track" and event = "Signed Up"', SIGNED_UP, True),
    ('type = "page" or event = "Signed Up"', SIGNED_UP, True),
    ('type = "page" or (event = "Signed Up" and userId = "u1")', SIGNED_UP, True),
    ('(type = "page" or event = "Signed Up") and userId = "u2"', SIGNED_UP, False),
    ('!(type = "track" and event = "Other")', SIGNED_UP, True),
    ('!(type = "track" or properties.x = 1)', SIGNED_UP, False),
    ('!(type = "page" or properties.x = 1)', SIGNED_UP, True),
    ('!!(type = "track")', SIGNED_UP, True),
    ('!type = "track"', SIGNED_UP, False),
    ('!(!(type = "page") and !(event = "Other"))', SIGNED_UP, False),
    ('(((((type = "track")))))', SIGNED_UP, True),
    ('type="track"and(event="Signed Up")', SIGNED_UP, True),
    ('\n type =\t"track"\n and event = "Signed Up" ', SIGNED_UP, True),
    ('type = "track" and properties.platform = "android"', {"type": "identify"}, False),
]


@pytest.mark.parametrize(("trigger", "message", "expected"), CASES)
def test_trigger_holds(
    engine: duckdb.DuckDBPyConnection, trigger: str, message: dict[str, Any], expected: bool
) -> None:
    assert holds(engine, trigger, message) is expected


@pytest.mark.parametrize(("trigger", "message", "expected"), CASES)
def test_negated_trigger_holds_exactly_when_the_trigger_does_not(
    engine: duckdb.DuckDBPyConnection, trigger: str, message: dict[str, Any], expected: bool
) -> None:
    assert holds(engine, f"!({trigger})", message) is not expected


def test_text_columns_compile_to_plain_comparisons() -> None:
    sql = compile_trigger('type = "track" and !(event = "Signed Up" or userId = null)')
    assert sql == (
        "(type = 'track' and ((event_name <> 'Signed Up' or event_name is null)"
        " and user_id is not null))"
    )


def test_any_depth_of_parentheses_compiles(engine: duckdb.DuckDBPyConnection) -> None:
    trigger = "(" * 5_000 + 'type = "track"' + ")" * 5_000
    assert holds(engine, trigger, SIGNED_UP)


def test_negations_of_any_depth_are_one() -> None:
    trigger = "!(" * 4_999 + 'type = "track"' + ")" * 4_999
    assert compile_trigger(trigger) == compile_trigger('!(type = "track")')


def test_deep_alternation_runs(engine: duckdb.DuckDBPyConnection) -> None:
    trigger = 'type = "track"'
    for level in range(180):
        trigger = f'({trigger}) {"and" if level % 2 else "or"} event != "e{level}"'
    assert holds(engine, trigger, SIGNED_UP)


def test_many_conditions_run(engine: duckdb.DuckDBPyConnection) -> None:
    trigger = " or ".join(f'event = "e{n}"' for n in range(2_000))
    assert holds(engine, trigger, {"event": "e1999"})


def test_compile_takes_a_parsed_trigger() -> None:
    text = 'event = "a"'
    assert compile_trigger(parse_trigger(text)) == compile_trigger(text)


def test_named_events_come_with_their_columns() -> None:
    trigger = parse_trigger(
        '!(event = "A") or (event in ["B", null] and name = "C" and contains(event, "D"))'
    )
    assert list(trigger.named_events()) == [("A", 11), ("B", 30)]
