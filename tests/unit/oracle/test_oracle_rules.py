"""Typed comparisons and globs, value by value."""

from __future__ import annotations

from typing import Any

import pytest

from tests.warehouse.oracle.rules import is_glob_match, is_so


@pytest.mark.parametrize(
    ("op", "constant", "holds_for", "fails_for"),
    [
        ("=", 40, [40, 40.0], ["40", 41, True, [40], None]),
        ("=", True, [True], ["true", 1, False, None]),
        ("=", "", [""], ["a", 0, False, None]),
        ("!=", 40, ["40", 41, True, None], [40, 40.0]),
        ("=", None, [None], ["", 0, False, "null"]),
        ("!=", None, ["", 0, False, "null", [], {}], [None]),
        ("<", 40, [39.9, -1], [40, 40.0, "39", False, None]),
        ("<=", 40, [40.0], [40.1, "40", None]),
        (">", 0, [0.00005, 1], [0, True, "1", None]),
        (">=", 0, [0, 0.0], [-1, False, None]),
        ("contains", "nan", ["Finance", "nan"], ["Nan", "", ["nan"], 1, None]),
        ("match", "F*n?e", ["Finance", "Fn/e"], ["finance", "Finances", "Fne", 1, None]),
        ("in", ("a", 1, True), ["a", 1.0, True], ["A", "1", False, 2, None]),
    ],
)  # fmt: skip
def test_comparisons_are_typed(
    op: str, constant: Any, holds_for: list[Any], fails_for: list[Any]
) -> None:
    for values, holds in ((holds_for, True), (fails_for, False)):
        for value in values:
            there = [] if value is None else [value]
            assert is_so(there, op, constant) is holds, (value, op, constant)


@pytest.mark.parametrize(
    ("glob", "text", "is_match"),
    [
        ("", "", True), ("*", "", True), ("?", "", False), ("a*c", "abc\nc", True),
        ("[!F]*a?S", "SaaS", True), ("[!F]*a?S", "FaaS", False), ("[a-c]x", "bx", True),
        ("[a-c]x", "dx", False), ("[^ab]", "c", True), (r"\*", "*", True), (r"\*", "a", False),
    ],
)  # fmt: skip
def test_globs_match_the_whole_text(glob: str, text: str, is_match: bool) -> None:
    assert is_glob_match(glob, text) is is_match
