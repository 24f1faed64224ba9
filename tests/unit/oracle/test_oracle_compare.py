"""The comparison names what differs."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.warehouse.oracle.compare import assert_same_rows


def test_equal_rows_in_any_order_pass() -> None:
    expected: list[dict[str, Any]] = [{"k": 1, "v": 0.1, "n": None}, {"k": 2, "v": 2.0, "n": 3}]
    actual: list[dict[str, Any]] = [
        {"k": 2, "v": 2.0 * (1 + 1e-10), "n": Decimal(3), "more": 1},
        {"k": 1, "v": 0.1, "n": None, "more": 1},
    ]
    assert_same_rows(expected, actual, ["k"], ["v"])


@pytest.mark.parametrize(
    ("actual", "message"),
    [
        ([], "missing: k=1, v=1.0"),
        ([{"k": 1, "v": 1.0}, {"k": 2, "v": 1.0}], "unexpected: k=2, v=1.0"),
        ([{"k": 1, "v": 1.1}], "differs at k=1\n      v: expected 1.0, got 1.1"),
        ([{"k": 1, "v": None}], "v: expected 1.0, got None"),
        ([{"k": 1}], "v: expected 1.0, got None"),
        ([{"k": 1, "v": 1.0}, {"k": 1, "v": 1.0}], "actual: two rows for {'k': 1}"),
    ],
)
def test_differences_are_named(actual: list[dict[str, object]], message: str) -> None:
    with pytest.raises(AssertionError) as failure:
        assert_same_rows([{"k": 1, "v": 1.0}], actual, ["k"], ["v"])
    assert message in str(failure.value)


def test_true_is_not_one() -> None:
    with pytest.raises(AssertionError, match="expected True, got 1"):
        assert_same_rows([{"k": 1, "v": True}], [{"k": 1, "v": 1}], ["k"])


def test_fractions_are_compared_exactly_with_decimals() -> None:
    assert_same_rows([{"k": 1, "v": Fraction(1, 8)}], [{"k": 1, "v": Decimal("0.1250")}], ["k"])
    with pytest.raises(AssertionError):
        assert_same_rows([{"k": 1, "v": Fraction(1, 3)}], [{"k": 1, "v": Decimal("0.33")}], ["k"])


def test_exact_columns_are_exact() -> None:
    with pytest.raises(AssertionError):
        assert_same_rows([{"k": 1, "v": 1.0}], [{"k": 1, "v": 1.0 + 1e-12}], ["k"])
