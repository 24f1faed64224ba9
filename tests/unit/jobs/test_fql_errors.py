"""A mistake in a trigger or a path is one sentence with its column."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.fql import FqlSyntaxError, compile_path, parse_trigger

TRIGGER_ERRORS = [
    ("", 1, "expected a condition"),
    ("   ", 4, "expected a condition"),
    ("type", 5, "expected an operator"),
    ("type =", 7, "expected a value"),
    ('type == "x"', 6, "write ="),
    ('type <> "x"', 6, "write !="),
    ('type = "a" && name = "b"', 12, "write and"),
    ('type = "a" || name = "b"', 12, "write or"),
    ("type = track", 8, "put text in quotes"),
    ("properties.a = TRUE", 16, "write true"),
    ('evnt = "a"', 1, "did you mean event?"),
    ('Event = "a"', 1, "did you mean event?"),
    ('user_id = "a"', 1, "did you mean userId?"),
    ('property.plan = "a"', 1, "did you mean properties.plan?"),
    ('email = "a"', 1, "properties.email"),
    ('type = "a" AND name = "b"', 12, "write and"),
    ('type = "a" OR name = "b"', 12, "write or"),
    ('not type = "a"', 1, "write !"),
    ('type = "a" or name = "b" and name = "c"', 26, "put parentheses"),
    ('type = "a" and (name = "b" and name = "c" or name = "d")', 43, "put parentheses"),
    ('(type = "a"', 1, "is not closed"),
    ('type = "a" and ((name = "b")', 16, "is not closed"),
    ('type = "a")', 11, "closes nothing"),
    ("()", 2, "expected a condition"),
    ('type = "a" and', 15, "expected a condition"),
    ('and type = "a"', 1, "expected a condition"),
    ('contain(event, "a")', 1, "did you mean contains?"),
    ("length(event) > 5", 1, "use contains() or match()"),
    ("contains(event, 5)", 17, "put the text in quotes"),
    ('contains("a", event)', 10, "takes a field first"),
    ('contains(event "a")', 16, "expected ','"),
    ('contains(event, "a"', 20, "expected ')'"),
    ('contains(properties, "a")', 10, "whole object"),
    ('properties = "a"', 1, "whole object"),
    ("properties in [1]", 1, "whole object"),
    ("properties = null", 1, "name one of its keys, such as properties.plan"),
    ("context != null", 1, "whole object"),
    ("!(traits = null)", 3, "whole object"),
    ("integrations in [null]", 1, "whole object"),
    ("match(traits, 'a*')", 7, "whole object"),
    ("context < 5", 1, "whole object"),
    ('properties.a < "5"', 16, "numbers only"),
    ("properties.a >= null", 17, "numbers only"),
    ("properties.a > true", 16, "numbers only"),
    ('event = "a', 9, "is not closed"),
    ("event = 'a\\'", 9, "is not closed"),
    ("event = \u201ca\u201d", 9, "straight quotes"),
    ("properties..a = 1", 12, "part of the path is empty"),
    ("properties. = 1", 12, "part of the path is empty"),
    ("type.x = 'a'", 1, "has no parts"),
    ("properties.a@b = 1", 13, "unexpected"),
    ("properties.a b = 1", 14, "expected an operator"),
    ("properties.a = 007", 16, "is not a number"),
    ("properties.a = 1.", 16, "is not a number"),
    ("properties.a = 5x", 16, "is not a number"),
    ("properties.a = 1e999", 16, "out of range"),
    ("event in []", 11, "expected a value"),
    ('event in "a"', 10, "expected '['"),
    ('event in ["a" "b"]', 15, "a comma or ]"),
    ('event in ["a",]', 15, "expected a value"),
    ('event IN ["a"]', 7, "write in"),
    ('"a" in properties.list', 1, "write the field first"),
    ('match(event, "[a")', 15, "is not closed"),
    ('match(event, "x[]")', 16, "is empty"),
    ('match(event, "[z-a]")', 15, "runs backwards"),
    ('event = "a\0b"', 11, "NUL"),
    ('event = "a" name = "b"', 13, "join conditions"),
    ("properties.enabled and type = 'a'", 20, "expected an operator"),
    ("true", 1, "write the field first"),
    ("properties.a = other.b", 16, "put text in quotes"),
    ("properties.a\\", 13, "backslash"),
]


@pytest.mark.parametrize(("trigger", "column", "message"), TRIGGER_ERRORS)
def test_trigger_error_names_column_and_remedy(trigger: str, column: int, message: str) -> None:
    with pytest.raises(FqlSyntaxError, match=re.escape(message)) as caught:
        parse_trigger(trigger)
    (mistake,) = caught.value.mistakes
    assert str(caught.value) == f"column {column}: {mistake.reason}; {mistake.remedy}"
    assert "\n" not in str(caught.value)


# Those that leave alone what follows them, in parentheses.
CONTAINED = [
    (trigger, column, message)
    for trigger, column, message in TRIGGER_ERRORS
    if trigger.count("(") == trigger.count(")") and message not in ("is not closed", "backslash")
]


@given(st.lists(st.sampled_from(CONTAINED), min_size=2, max_size=5), st.sampled_from(["and", "or"]))
def test_all_mistakes_of_a_trigger_are_found_at_once(
    cases: list[tuple[str, int, str]], connective: str
) -> None:
    trigger, expected = "", []
    for condition, column, message in cases:
        trigger += f" {connective} (" if trigger else "("
        expected.append((len(trigger) + column, message))
        trigger += f"{condition})"
    with pytest.raises(FqlSyntaxError) as caught:
        parse_trigger(trigger)
    found = [(each.column, str(each)) for each in caught.value.mistakes]
    assert [column for column, _ in found] == [column for column, _ in expected]
    for (_, sentence), (_, message) in zip(found, expected, strict=True):
        assert message in sentence


def test_mistakes_of_one_condition_are_found_at_once() -> None:
    with pytest.raises(FqlSyntaxError) as caught:
        parse_trigger('contain(evnt, "a") AND property.plan == "b" and traits in [yes, no, "c"]')
    assert [each.column for each in caught.value.mistakes] == [1, 9, 20, 24, 38, 49, 60, 65]


def test_mistake_ends_with_its_condition() -> None:
    with pytest.raises(FqlSyntaxError) as caught:
        parse_trigger('length(event) > (5) and evnt = "a" or (event = a b) and traits = null')
    assert [each.column for each in caught.value.mistakes] == [1, 25, 36, 48, 57]


PIECES = ["type", "evnt", "properties", "traits.a", "=", "==", "<", "!", "not", "and", "OR", "or"]
PIECES += [
    "in",
    "(",
    ")",
    "[",
    "]",
    ",",
    "contains",
    "match",
    '"a"',
    "'b",
    "5",
    "5x",
    "null",
    "\u201c",
]
PIECES += ["@", "..", "\\", "&&", "[z-a]", "\0"]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
def test_any_text_is_a_trigger_or_has_mistakes_in_order(text: str) -> None:
    try:
        parse_trigger(text)
    except FqlSyntaxError as error:
        columns = [each.column for each in error.mistakes]
        assert columns == sorted(columns)
        assert columns[0] >= 1
        assert columns[-1] <= len(text) + 1


PATH_ERRORS = [
    ("", 1, "expected a path"),
    ("properties", 1, "whole object"),
    ("context", 1, "name one of its keys, such as context.plan"),
    ("propertes.revenue", 1, "did you mean properties.revenue?"),
    ("revenue", 1, "properties.revenue"),
    ("properties.product 1", 20, "backslash before a space"),
    ("properties.", 12, "part of the path is empty"),
    ('"properties.a"', 1, "expected a path"),
    ("userId.x", 1, "has no parts"),
    ("properties.a = 1", 14, "follows the path"),
]


@pytest.mark.parametrize(("path", "column", "message"), PATH_ERRORS)
def test_path_error_names_column_and_remedy(path: str, column: int, message: str) -> None:
    with pytest.raises(FqlSyntaxError, match=re.escape(message)) as caught:
        compile_path(path)
    assert [mistake.column for mistake in caught.value.mistakes] == [column]


def test_too_many_alternating_levels_are_refused() -> None:
    trigger = 'type = "a"'
    for level in range(300):
        trigger = f'({trigger}) {"and" if level % 2 else "or"} type = "b"'
    with pytest.raises(FqlSyntaxError, match="split the trigger"):
        parse_trigger(trigger)
