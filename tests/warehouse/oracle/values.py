"""Typed JSON: what is text, what is a number, what is absent."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeGuard

UNITS = 10_000
LARGEST_VALUE = Decimal(10) ** 9


def is_number(value: object) -> TypeGuard[int | float]:
    """A JSON number: `true` is none, although Python counts it as one."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def plain_decimal(number: float) -> str:
    """A number as plain decimal text: 40 and 40.0 are `40`, 1e3 is `1000`."""
    text = format(Decimal(repr(number)), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def scalar_text(value: object) -> str | None:
    """Text as it is, a number as plain decimal text; empty text, null and all else are None."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return plain_decimal(value)
    return None


def name_text(value: object) -> str | None:
    """The same, and `true` or `false` of a boolean: names and distinct values may be booleans."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return scalar_text(value)


def currency_code(value: object) -> str | None:
    """Trimmed and upper-cased; an empty one is none."""
    text = scalar_text(value)
    return None if text is None else text.strip(" \t\n\r").upper() or None


def as_object(value: object) -> dict[str, Any]:
    """An object as it is; whatever is no object reads as `{}`."""
    return value if isinstance(value, dict) else {}


def staged(value: Any) -> Any:
    """A JSON value as it is kept: an integer past 64 bits is its digits, as text."""
    if isinstance(value, dict):
        return {key: staged(member) for key, member in value.items()}
    if isinstance(value, list):
        return [staged(member) for member in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)
    return value


def canonical(value: object) -> str:
    """Compact JSON with sorted keys, in which equal numbers are written alike: plain decimals."""
    if isinstance(value, dict):
        members = (f"{canonical(key)}:{canonical(value[key])}" for key in sorted(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    if is_number(value):
        return plain_decimal(value)
    return json.dumps(value, ensure_ascii=False)


def value_units(value: object) -> int | None:
    """A number in units of 1/10,000, half away from zero; None when no number or past ±1e9."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    exact = Decimal(repr(value))
    if abs(exact) > LARGEST_VALUE:
        return None
    # ROUND_HALF_UP of the decimal module is half away from zero.
    return int((exact * UNITS).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def canonical_digest(payload: Mapping[str, Any]) -> str:
    """md5 of the compact JSON of a message's own fields without nulls, keys sorted."""
    fields = {key: value for key, value in payload.items() if value is not None}
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    text = re.sub(r"(?<=[:\[,])-?[\d.]+e[-+]\d+(?=[,}\]])", _as_javascript_writes, text)
    return hashlib.md5(text.encode()).hexdigest()


def _as_javascript_writes(number: re.Match[str]) -> str:
    """Without an exponent from six zeros to 21 digits, and with a fraction all the same."""
    exact = Decimal(number[0])
    if not -7 < exact.adjusted() < 21:
        return re.sub(r"e\+?(-?)0*", r"e\1", number[0])
    text = f"{exact:f}"
    return text if "." in text else f"{text}.0"
