"""Says what a failed validation means and what to do: the rest of a sentence after the key."""

import json
import re
from datetime import date
from typing import Any

from pydantic_core import ErrorDetails

from jobs.config.base import did_you_mean, unknown_key
from jobs.fql import FqlSyntaxError

_MAX_SHOWN = 60
_BOOLEAN = "must be true or false, not {value}; write one of the two"
_MAPPING = "must be a mapping, not {value}; write key: value pairs under it"
_DATE = "must be a date, not {value}; write it like 2026-01-31"

_SENTENCES: dict[str, str] = {
    "missing": "is missing; add it",
    "string_type": "must be a string, not {value}; put it in quotes",
    "string_too_short": "is empty; write a name",
    "string_pattern_mismatch": "must not begin or end with a space; remove it from {value}",
    "bool_type": _BOOLEAN,
    "bool_parsing": _BOOLEAN,
    "int_type": "must be an integer, not {value}; {remedy}",
    "float_type": "must be a number, not {value}; {remedy}",
    "finite_number": "must be a finite number, not {value}; lower it",
    "greater_than": "must be greater than {gt:g}, not {value}; raise it",
    "greater_than_equal": "must be at least {ge:g}, not {value}; raise it",
    "less_than": "must be less than {lt:g}, not {value}; lower it",
    "less_than_equal": "must be at most {le:g}, not {value}; lower it",
    "tuple_type": "must be a list, not {value}; write the values in [brackets]",
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "too_short": "is empty; add an entry or remove the key",
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
}


def sentences(error: ErrorDetails) -> list[str]:
    """Return what is wrong with a value: one sentence, or one for each mistake in a trigger."""
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    if kind == "value_error":
        mistake = context["error"]
        if isinstance(mistake, FqlSyntaxError):
            return [f"is invalid at {each}" for each in mistake.mistakes]
        return [str(mistake)]
    if kind == "literal_error":
        allowed = [word.strip(" '") for word in context["expected"].replace(" or ", ",").split(",")]
        if error["loc"][-1] == "[key]":
            return [unknown_key(str(value), allowed)]
        return [f"cannot be {shown(value)}; {did_you_mean(str(value), allowed)}"]
    if kind not in _SENTENCES:
        return [error["msg"]]
    remedy = _number_remedy(kind, value)
    return [_SENTENCES[kind].format(value=described(value), remedy=remedy, **context)]


def described(value: Any) -> str:
    """Return a value with its type, where its notation does not show that."""
    if isinstance(value, date):
        return f"the date {value}"
    return f"the string {shown(value)}" if isinstance(value, str) else shown(value)


def shown(value: Any) -> str:
    """Return a value as the file has it, cut when it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"


def _number_remedy(kind: str, value: Any) -> str:
    digits, remedy = r"[-+]?\d+", "write a whole number"
    if kind == "float_type":
        digits, remedy = r"[-+]?\d+(\.\d*)?", "write it in digits"
    is_quoted = isinstance(value, str) and re.fullmatch(digits, value)
    return "remove the quotes" if is_quoted else remedy
