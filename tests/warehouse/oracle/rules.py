"""Rules of user segments as plain data, and what of them is nothing but values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.warehouse.oracle.values import is_number

if TYPE_CHECKING:
    from tests.warehouse.oracle.entries import Trigger


@dataclass(frozen=True)
class Compare:
    """A value against a constant: `kind` is trait, account, lead or contact."""

    kind: str
    name: str
    op: str
    value: Any


@dataclass(frozen=True)
class InAudience:
    """Membership of the audience of that key."""

    key: str


@dataclass(frozen=True)
class Count:
    """How many messages the trigger matched, `within` the time before or ever."""

    trigger: Trigger
    op: str = ">="
    count: int = 1
    within: timedelta | None = None


@dataclass(frozen=True)
class Every:
    """All of the rules."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Some:
    """At least one of the rules."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Not:
    """The opposite of a rule."""

    rule: Rule


Rule = Compare | InAudience | Count | Every | Some | Not


@dataclass(frozen=True)
class Segment:
    """One entry of `segments:`."""

    name: str
    rule: Every | Some | Not


def leaves(rule: Rule) -> list[Compare | InAudience | Count]:
    """All predicates of a rule."""
    if isinstance(rule, Every | Some):
        return [leaf for inner in rule.rules for leaf in leaves(inner)]
    if isinstance(rule, Not):
        return leaves(rule.rule)
    return [rule]


def is_so(values: list[Any], op: str, constant: Any) -> bool:
    """Whether any of the values compares so; an opposite holds when none compares like its base.

    `values` are those that are there, none of them null. So without any, `!=` a constant and
    `= null` hold, and nothing else does.
    """
    if constant is None:
        return bool(values) == (op == "!=")
    if op == "!=":
        return not is_so(values, "=", constant)
    return any(_compares(value, op, constant) for value in values)


def _compares(value: Any, op: str, constant: Any) -> bool:
    if op == "in":
        return any(_equal(value, item) for item in constant)
    if op == "=":
        return _equal(value, constant)
    if op == "contains":
        return isinstance(value, str) and constant in value
    if op == "match":
        return isinstance(value, str) and is_glob_match(constant, value)
    return is_number(value) and ordered(value, op, constant)


def _equal(value: Any, constant: Any) -> bool:
    """Typed: `true` is neither 1 nor `"true"`, 40 is not `"40"`, 40 is 40.0."""
    if is_number(value) and is_number(constant):
        return bool(value == constant)
    return type(value) is type(constant) and value == constant


def ordered(left: float, op: str, right: float) -> bool:
    """A comparison of two numbers."""
    outcomes = {
        "=": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }
    return outcomes[op]


def is_glob_match(glob: str, text: str) -> bool:
    r"""Whether the glob is the whole text: `*`, `?`, `[a-z]`, `[!a-z]`, and `\` before any of them.

    A class may hold ranges; no glob of these tests has a backslash or a bracket in one.
    """
    if not glob:
        return not text
    if glob[0] == "*":
        return any(is_glob_match(glob[1:], text[start:]) for start in range(len(text) + 1))
    if not text:
        return False
    if glob[0] == "[":
        inside, _, rest = glob[1:].partition("]")
        is_outside = inside[0] in "!^"
        return _in_class(inside[is_outside:], text[0]) != is_outside and is_glob_match(
            rest, text[1:]
        )
    if glob[0] == "\\":
        return glob[1] == text[0] and is_glob_match(glob[2:], text[1:])
    return glob[0] in ("?", text[0]) and is_glob_match(glob[1:], text[1:])


def _in_class(members: str, character: str) -> bool:
    if len(members) >= 3 and members[1] == "-":
        return members[0] <= character <= members[2] or _in_class(members[3:], character)
    return bool(members) and (members[0] == character or _in_class(members[1:], character))
