"""Row-for-row comparison with a diff that can be read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

Row = Mapping[str, Any]
SHOWN = 5


def assert_same_rows(
    expected: Iterable[Row],
    actual: Iterable[Row],
    keys: Sequence[str],
    float_columns: Iterable[str] = (),
    rel: float = 1e-9,
    absolute: float = 1e-12,
) -> None:
    """Fail unless both sides hold the same rows in the columns of `expected`.

    Rows are matched by `keys`, which must be unique on both sides. Columns that only `actual`
    has are not looked at. `absolute` forgives differences next to zero in float columns.
    """
    floats = set(float_columns)
    left, right = _index(expected, keys, "expected"), _index(actual, keys, "actual")
    problems = [f"missing: {_shown(left[key])}" for key in left if key not in right]
    problems += [f"unexpected: {_shown(right[key])}" for key in right if key not in left]
    for key, row in left.items():
        if key not in right:
            continue
        differing = [
            f"{column}: expected {value!r}, got {right[key].get(column)!r}"
            for column, value in row.items()
            if column not in right[key]
            or not _same(value, right[key][column], column in floats, rel, absolute)
        ]
        if differing:
            named = ", ".join(f"{name}={part!r}" for name, part in zip(keys, key, strict=True))
            problems.append(f"differs at {named}\n      " + "\n      ".join(differing))
    if problems:
        shown = "\n  ".join(problems[:SHOWN])
        more = len(problems) - SHOWN
        rest = f"\n  ... and {more} more" if more > 0 else ""
        raise AssertionError(
            f"{len(problems)} of {len(left)} expected and {len(right)} actual rows differ:"
            f"\n  {shown}{rest}"
        )


def _index(rows: Iterable[Row], keys: Sequence[str], side: str) -> dict[tuple[Any, ...], Row]:
    found: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(row[name] for name in keys)
        if key in found:
            raise AssertionError(f"{side}: two rows for {dict(zip(keys, key, strict=True))}")
        found[key] = row
    return found


def _same(expected: Any, actual: Any, is_float: bool, rel: float, absolute: float) -> bool:
    if expected is None or actual is None:
        return expected is None and actual is None
    if is_float:
        return math.isclose(float(expected), float(actual), rel_tol=rel, abs_tol=absolute)
    if isinstance(expected, Fraction):
        return Fraction(str(actual)) == expected
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, float) or isinstance(actual, float):
        return Decimal(str(expected)) == Decimal(str(actual))
    return bool(expected == actual)


def _shown(row: Row) -> str:
    return ", ".join(f"{column}={value!r}" for column, value in row.items())
