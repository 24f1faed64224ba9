"""Parses the text of a trigger into its syntax tree."""

from dataclasses import dataclass, field
from typing import get_args

from jobs.fql.errors import FqlSyntaxError, TriggerSyntaxError
from jobs.fql.fields import near, resolve_field
from jobs.fql.globs import glob_regex
from jobs.fql.lex import Token, tokenize, unescape
from jobs.fql.literals import CONSTANTS, is_number, read_literal
from jobs.fql.syntax import (
    And,
    Comparison,
    Contains,
    Expression,
    Field,
    Match,
    Membership,
    Not,
    Operator,
    Or,
    Trigger,
)

_FUNCTIONS = ("contains", "match")
_OPERATORS: dict[str, Operator] = {operator: operator for operator in get_args(Operator)}
# Parentheses that group nothing are free; levels that alternate `and` with `or` become nested SQL.
_MAX_LEVELS = 200


def parse_trigger(text: str) -> Trigger:
    """Return the syntax tree of a trigger.

    Raises:
        TriggerSyntaxError: the text is no trigger; the error names the column.
    """
    try:
        return Trigger(text, _Parser(tokenize(text)).expression())
    except FqlSyntaxError as error:
        raise TriggerSyntaxError(error.reason, error.column, error.remedy) from None


@dataclass
class _Level:
    """What is known of one pair of parentheses (or of the whole text) while it is read."""

    opened_by: Token | None = None
    is_negated: bool = False
    connective: str | None = None
    operands: list[Expression] = field(default_factory=list)
    depth: int = 0  # of the deepest operand

    def add(self, operand: Expression, depth: int = 0) -> None:
        self.operands.append(operand)
        self.depth = max(self.depth, depth)

    def combined(self) -> Expression:
        if len(self.operands) == 1:
            return self.operands[0]
        kind = And if self.connective == "and" else Or
        flat: list[Expression] = []
        for operand in self.operands:
            if isinstance(operand, And | Or) and isinstance(operand, kind):
                flat.extend(operand.operands)
            else:
                flat.append(operand)
        return kind(tuple(flat))


class _Parser:
    """Reads tokens left to right; open parentheses are a list, so that no depth is too much."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._position = 0

    def expression(self) -> Expression:
        """Read the whole text."""
        levels = [_Level()]
        while True:
            is_negated = self._negations()
            if self._peek().is_symbol("("):
                levels.append(_Level(self._next(), is_negated))
                continue
            levels[-1].add(_negate(self._condition(), is_negated))
            while self._peek().is_symbol(")"):
                self._close(levels, self._next())
            token = self._next()
            if token.kind == "end":
                break
            self._connect(levels[-1], token)
        if (unclosed := levels[-1].opened_by) is not None:
            raise FqlSyntaxError(
                "a parenthesis is not closed", unclosed.column, "close it with ) or remove it"
            )
        return levels[0].combined()

    def _peek(self) -> Token:
        return self._tokens[self._position]

    def _next(self) -> Token:
        token = self._tokens[self._position]
        self._position += token.kind != "end"
        return token

    def _negations(self) -> bool:
        is_negated = False
        while self._peek().is_symbol("!"):
            self._next()
            is_negated = not is_negated
        return is_negated

    def _close(self, levels: list[_Level], token: Token) -> None:
        if len(levels) == 1:
            raise FqlSyntaxError(
                "the parenthesis ) closes nothing", token.column, "remove it or open one with ("
            )
        level = levels.pop()
        depth = level.depth + (len(level.operands) > 1)
        if depth > _MAX_LEVELS:
            raise FqlSyntaxError(
                f"'and' and 'or' alternate over more than {_MAX_LEVELS} levels of parentheses",
                token.column,
                "split the trigger",
            )
        levels[-1].add(_negate(level.combined(), level.is_negated), depth)

    def _connect(self, level: _Level, token: Token) -> None:
        if not token.is_word("and", "or"):
            raise FqlSyntaxError(
                f"{token.described()} follows a complete condition", token.column, _joining(token)
            )
        if level.connective not in (None, token.text):
            raise FqlSyntaxError(
                f"'{token.text}' follows '{level.connective}' on one level",
                token.column,
                "put parentheses around the conditions that belong together",
            )
        level.connective = token.text

    def _condition(self) -> Expression:
        token = self._next()
        if token.kind != "name" or token.is_word("and", "or", "in"):
            raise FqlSyntaxError(
                f"a condition is expected, not {token.described()},", token.column, _starting(token)
            )
        if token.text.casefold() == "not":
            raise FqlSyntaxError(f"'{token.text}' is no operator", token.column, "write !")
        if token.text in CONSTANTS:
            raise FqlSyntaxError(
                f"a condition starts with {token.described()}",
                token.column,
                f"write the field first, such as properties.plan = {token.text}",
            )
        if self._peek().is_symbol("("):
            return self._call(token)
        return self._comparison(token)

    def _call(self, function: Token) -> Expression:
        if function.text not in _FUNCTIONS:
            guess = near(function.text, _FUNCTIONS)
            raise FqlSyntaxError(
                f"'{function.text}' is no function",
                function.column,
                f"did you mean {guess}?" if guess else "only contains() and match() are known",
            )
        self._next()
        subject = self._next()
        if subject.kind != "name" or subject.text in CONSTANTS:
            raise FqlSyntaxError(
                f"{function.text}() takes a field first, not {subject.described()},",
                subject.column,
                f'write {function.text}(event, "text")',
            )
        resolved = self._value_field(subject, f"{function.text}()")
        self._expect(",", f"behind the field of {function.text}()")
        text = self._next()
        if text.kind != "string":
            raise FqlSyntaxError(
                f"{function.text}() takes a string second, not {text.described()},",
                text.column,
                "put the text in quotes",
            )
        self._expect(")", f"behind the text of {function.text}()")
        if function.text == "contains":
            return Contains(resolved, unescape(text.text))
        return Match(resolved, text.text, glob_regex(text.text, text.column + 1))

    def _comparison(self, subject: Token) -> Expression:
        resolved, operator = resolve_field(subject), self._next()
        if operator.is_word("in"):
            return self._membership(self._value_field(subject, "in"))
        if operator.kind != "symbol" or operator.text not in _OPERATORS:
            raise FqlSyntaxError(
                f"an operator is expected behind '{subject.text}', not {operator.described()},",
                operator.column,
                "write in in lower case"
                if operator.text.casefold() == "in"
                else f"write for example {subject.text} != null",
            )
        column = self._peek().column
        literal = read_literal(self._next(), f"behind '{operator.text}'")
        if not resolved.is_text and not resolved.keys and literal is not None:
            self._value_field(subject, operator.text)
        if operator.text not in ("=", "!=") and not is_number(literal):
            raise FqlSyntaxError(
                f"'{operator.text}' compares numbers only",
                column,
                "write a number without quotes, or compare with = or !=",
            )
        return Comparison(resolved, _OPERATORS[operator.text], literal, column)

    def _membership(self, resolved: Field) -> Membership:
        self._expect("[", "behind 'in'")
        literals, columns = [], []
        while True:
            columns.append(self._peek().column)
            literals.append(read_literal(self._next(), "in the list"))
            separator = self._next()
            if separator.is_symbol("]"):
                return Membership(resolved, tuple(literals), tuple(columns))
            if not separator.is_symbol(","):
                raise FqlSyntaxError(
                    f"a comma or ] is expected in the list, not {separator.described()},",
                    separator.column,
                    "separate the values with commas and close the list with ]",
                )

    def _value_field(self, token: Token, usage: str) -> Field:
        """Resolve a field that must hold a value: a whole object compares with null only."""
        resolved = resolve_field(token)
        if not resolved.is_text and not resolved.keys:
            raise FqlSyntaxError(
                f"'{token.text}' is a whole object and {usage} takes a value",
                token.column,
                f"name one of its keys, such as {token.text}.plan",
            )
        return resolved

    def _expect(self, symbol: str, where: str) -> None:
        token = self._next()
        if not token.is_symbol(symbol):
            raise FqlSyntaxError(
                f"'{symbol}' is expected {where}, not {token.described()},",
                token.column,
                f"write {symbol} there",
            )


def _negate(operand: Expression, is_negated: bool) -> Expression:
    if not is_negated:
        return operand
    return operand.operand if isinstance(operand, Not) else Not(operand)


def _joining(token: Token) -> str:
    if token.text.casefold() in ("and", "or"):
        return f"write {token.text.casefold()} in lower case"
    if token.is_symbol(")") or token.is_symbol("]"):
        return "remove it"
    return "join conditions with and or or, and put text in quotes"


def _starting(token: Token) -> str:
    if token.kind in ("string", "number"):
        return 'write the field first, such as event = "Signed Up"'
    return 'write for example event = "Signed Up"'
