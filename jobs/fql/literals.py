"""Reads the values a trigger compares a field with."""

import math
from decimal import Decimal
from typing import TypeGuard

from jobs.fql.errors import FqlSyntaxError
from jobs.fql.fields import near
from jobs.fql.lex import Token, unescape
from jobs.fql.syntax import Scalar

CONSTANTS: dict[str, Scalar] = {"true": True, "false": False, "null": None}
_MAX_NUMBER_LENGTH = 400


def read_literal(token: Token, where: str) -> Scalar:
    """Return the value of a literal; `where` tells an error where it was expected.

    Raises:
        FqlSyntaxError: the token is no literal, or a number out of range.
    """
    if token.kind == "string":
        return unescape(token.text)
    if token.kind == "number":
        return _number(token)
    if token.is_word(*CONSTANTS):
        return CONSTANTS[token.text]
    remedy = "write a string in quotes, a number, true, false or null"
    if token.kind == "name":
        guess = near(token.text, tuple(CONSTANTS))
        remedy = f"write {guess}, or put text in quotes" if guess else "put text in quotes"
    raise FqlSyntaxError(
        f"a value is expected {where}, not {token.described()},", token.column, remedy
    )


def is_number(literal: Scalar) -> TypeGuard[int | float]:
    """Whether the literal is a number, which a boolean is not."""
    return isinstance(literal, int | float) and not isinstance(literal, bool)


def _number(token: Token) -> int | float:
    """Read a number: a whole one exactly, `40.0` and `1e3` too, any other as the nearest double."""
    value = float(token.text)
    if math.isinf(value) or len(token.text) > _MAX_NUMBER_LENGTH:
        raise FqlSyntaxError(
            f"the number '{token.text[:20]}' is out of range", token.column, "write a smaller one"
        )
    exact = Decimal(token.text)
    return int(exact) if exact == exact.to_integral_value() else value
