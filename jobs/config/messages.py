"""Says in a sentence what a failed validation means, and what to do."""

import json
from typing import Any

from pydantic_core import ErrorDetails

from jobs.config.base import did_you_mean
from jobs.fql import TriggerSyntaxError

_MAX_SHOWN = 60

_SENTENCES: dict[str, str] = {
    "missing": "the key is missing; add it",
    "extra_forbidden": "the key is unknown; remove it",
    "string_type": "{value} is no text; put it in quotes",
    "string_too_short": "the text is empty; write a name",
    "string_pattern_mismatch": "{value} has space around it; remove the space",
    "bool_type": "{value} is neither true nor false; write one of them",
    "bool_parsing": "{value} is neither true nor false; write one of them",
    "int_type": "{value} is no whole number; write one without quotes",
    "float_type": "{value} is no number; write one without quotes",
    "finite_number": "{value} is not finite; write a number",
    "greater_than": "{value} is too small; write a number above {gt:g}",
    "greater_than_equal": "{value} is too small; write {ge:g} or more",
    "less_than": "{value} is too large; write a number below {lt:g}",
    "less_than_equal": "{value} is too large; write {le:g} or less",
    "tuple_type": "{value} is no list; write the values in [brackets]",
    "dict_type": "{value} is no mapping; write key: value pairs below the key",
    "model_type": "{value} is no mapping; write key: value pairs below the key",
    "too_short": "the list is empty; add an entry or remove the key",
    "date_type": "{value} is no date; write it like 2026-01-31",
    "date_parsing": "{value} is no date; write it like 2026-01-31",
    "date_from_datetime_parsing": "{value} is no date; write it like 2026-01-31",
    "date_from_datetime_inexact": "{value} is no date; write it like 2026-01-31",
}


def sentences(error: ErrorDetails) -> list[str]:
    """Return what is wrong with a value: one sentence, or one for each mistake in a trigger."""
    mistake = error.get("ctx", {}).get("error")
    if isinstance(mistake, TriggerSyntaxError):
        return [str(each) for each in mistake.mistakes]
    return [_sentence(error)]


def _sentence(error: ErrorDetails) -> str:
    """Return what is wrong with a value and what to do, without place and full stop."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return _choice(error["input"], str(context["expected"]))
    template = _SENTENCES.get(kind)
    if template is not None:
        return template.format(value=shown(error["input"]), **context)
    return error["msg"]


def shown(value: Any) -> str:
    """Return a value as the file has it, cut when it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"


def _choice(value: Any, expected: str) -> str:
    """Name the allowed values, which the validator lists as `'a', 'b' or 'c'`."""
    names = [name.strip().strip("'") for name in expected.replace(" or ", ", ").split(",")]
    return f"{shown(value)} is not allowed; {did_you_mean(str(value), names)}"
