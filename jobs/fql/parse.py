"""Parses the text of a trigger into its syntax tree, or finds all the mistakes in it."""

from dataclasses import dataclass, field
from typing import cast, get_args

from jobs.fql.errors import FqlSyntaxError, Mistake
from jobs.fql.fields import near, resolve_field
from jobs.fql.globs import glob_regex
from jobs.fql.lex import Token, tokenize
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
    Scalar,
    Trigger,
    is_number,
)

_FUNCTIONS = ("contains", "match")
# Parentheses that group nothing are free; levels that alternate `and` with `or` become nested SQL.
_MAX_LEVELS = 200
# Replace what is wrong while the rest is read.
_SOME_FIELD = Field("properties", ("",))
_SOME_CONDITION = Comparison(_SOME_FIELD, "=", None)


def parse_trigger(text: str) -> Trigger:
    """Return the syntax tree of a trigger.

    Raises:
        FqlSyntaxError: the text is not a trigger; the error holds every mistake with its column.
    """
    mistakes: list[Mistake] = []
    expression = _Parser(tokenize(text, mistakes), mistakes).expression()
    if mistakes:
        raise FqlSyntaxError(*mistakes)
    return Trigger(text, expression)


@dataclass
class _Level:
    """What is known about one pair of parentheses, or about the whole text, while it is read."""

    opened_by: Token
    is_negated: bool = False
    connective: str | None = None
    operands: list[Expression] = field(default_factory=list)
    depth: int = 0  # of the deepest operand
    is_mixed: bool = False

    def add(self, operand: Expression, is_negated: bool, depth: int = 0) -> None:
        """Add one more condition, or the content of parentheses of so many levels."""
        if is_negated:
            operand = operand.operand if isinstance(operand, Not) else Not(operand)
        self.operands.append(operand)
        self.depth = max(self.depth, depth)

    def combined(self) -> Expression:
        """Return the conditions as one expression."""
        if len(self.operands) == 1:
            return self.operands[0]
        kind: type[And | Or] = And if self.connective == "and" else Or
        flat: list[Expression] = []
        for operand in self.operands:
            if isinstance(operand, And | Or) and isinstance(operand, kind):
                flat += operand.operands
            else:
                flat.append(operand)
        return kind(tuple(flat))


class _Parser:
    """Reads tokens from left to right; open parentheses are a list, so that no depth is too much.

    A mistake is noted. Reading continues where the next condition must begin, or at once where it
    is clear what is meant.
    """

    def __init__(self, tokens: list[Token], mistakes: list[Mistake]) -> None:
        self._tokens = tokens
        self._position = 0
        self._mistakes = mistakes

    def expression(self) -> Expression:
        """Read the whole text."""
        levels = [_Level(self._peek())]
        while True:
            is_negated = False
            while self._peek().is_any("!"):
                self._next()
                is_negated = not is_negated
            if self._peek().is_any("("):
                levels.append(_Level(self._next(), is_negated))
                continue
            levels[-1].add(self._condition_or_mistake(), is_negated)
            if self._ends_after_condition(levels):
                break
        # A string that is not closed may contain the missing parenthesis.
        if not any(token.kind == "string" and token.is_malformed for token in self._tokens):
            for level in levels[1:]:
                remedy = "close it with ) or remove it"
                self._note(level.opened_by, "the parenthesis ( is not closed", remedy)
        return levels[0].combined()

    def _peek(self) -> Token:
        return self._tokens[self._position]

    def _next(self) -> Token:
        token = self._tokens[self._position]
        self._position += token.kind != "end"
        return token

    def _note(self, token: Token, reason: str, remedy: str) -> None:
        self._mistakes.append(Mistake(token.column, reason, remedy))

    def _ends_after_condition(self, levels: list[_Level]) -> bool:
        """Read what follows a condition; return whether the text ends there."""
        while (token := self._peek()).kind != "end":
            if token.is_any(")"):
                self._close(levels, self._next())
            elif token.is_any("and", "or"):
                self._connect(levels[-1], self._next())
                return False
            else:
                if not token.is_malformed:
                    remedy = "join conditions with and or or, and put text in quotes"
                    self._note(token, f"{token} follows a complete condition", remedy)
                if token.kind == "name":
                    return False
                self._skip()
        return True

    def _close(self, levels: list[_Level], token: Token) -> None:
        if len(levels) == 1:
            self._note(token, "the parenthesis ) closes nothing", "remove it, or open one with (")
            return
        level = levels.pop()
        depth = level.depth + (len(level.operands) > 1)
        if depth > _MAX_LEVELS:
            reason = f"'and' and 'or' alternate over more than {_MAX_LEVELS} levels of parentheses"
            self._note(token, reason, "split the trigger")
            depth = 0
        levels[-1].add(level.combined(), level.is_negated, depth)

    def _connect(self, level: _Level, token: Token) -> None:
        if level.connective not in (None, token.text) and not level.is_mixed:
            level.is_mixed = True
            reason = f"{token} follows '{level.connective}' without parentheses"
            self._note(token, reason, "put parentheses around the conditions that belong together")
        level.connective = token.text

    def _condition_or_mistake(self) -> Expression:
        """Read a condition; if it cannot be read, only its first mistake is noted."""
        start = self._position
        try:
            return self._condition()
        except FqlSyntaxError as error:
            read = self._tokens[start : self._position + 1]
            if not any(token.is_malformed for token in read):
                self._mistakes += error.mistakes
            self._position = start
            self._skip()
            return _SOME_CONDITION

    def _skip(self) -> None:
        """Go to the next connective, closing parenthesis or end on this level."""
        depth = 0
        while (token := self._peek()).kind != "end":
            if depth == 0 and token.is_any(")", "and", "or"):
                return
            depth += token.is_any("(") - token.is_any(")")
            self._next()

    def _condition(self) -> Expression:
        token = self._peek()
        if token.kind in ("string", "number", "constant"):
            remedy = "write the field first, such as properties.plan = null"
            raise _error(token, f"a condition cannot begin with {token}", remedy)
        if token.kind != "name":
            raise _expected("a condition", token, 'write one such as event = "Signed Up"')
        self._next()
        return self._call(token) if self._peek().is_any("(") else self._comparison(token)

    def _call(self, function: Token) -> Expression:
        name = function.text
        if name not in _FUNCTIONS:
            guess = near(name, _FUNCTIONS)
            remedy = f"did you mean {guess}?" if guess else "use contains() or match()"
            mistake = _error(function, f"{function} is not a function", remedy)
            if guess is None:
                raise mistake
            self._mistakes += mistake.mistakes
            name = guess
        self._next()
        subject = self._next()
        if subject.kind != "name":
            reason = f"{name}() takes a field first, not {subject}"
            raise _error(subject, reason, f'write {name}(event, "text")')
        resolved = self._field(subject)
        self._expect(",", f"after the field of {name}()")
        text = self._next()
        if text.kind != "string":
            reason = f"{name}() takes a string second, not {text}"
            raise _error(text, reason, "put the text in quotes")
        self._expect(")", f"after the text of {name}()")
        if name == "contains":
            return Contains(resolved, str(text.value))
        return Match(resolved, text.text, glob_regex(text.text, text.column + 1))

    def _comparison(self, subject: Token) -> Expression:
        resolved, operator = self._field(subject), self._peek()
        if not operator.is_any("in", *get_args(Operator)):
            remedy = f"write one, such as {subject.text} != null"
            raise _expected(f"an operator after {subject}", operator, remedy)
        self._next()
        if operator.text == "in":
            return self._membership(resolved)
        token = self._next()
        literal = _literal(token, f"after {operator}")
        is_order = operator.text not in ("=", "!=")
        if is_order and not is_number(literal) and not token.is_malformed:
            remedy = "write a number without quotes, or compare with = or !="
            self._note(token, f"{operator} compares numbers only, not {token}", remedy)
        return Comparison(resolved, cast(Operator, operator.text), literal, token.column)

    def _membership(self, resolved: Field) -> Membership:
        self._expect("[", "after 'in'")
        literals: list[tuple[Scalar, int]] = []
        while True:
            token = self._next()
            try:
                literals.append((_literal(token, "in the list"), token.column))
            except FqlSyntaxError as error:
                if token.kind != "name":
                    raise
                self._mistakes += error.mistakes
            separator = self._next()
            if separator.is_any("]"):
                values, columns = zip(*literals, strict=True) if literals else ((), ())
                return Membership(resolved, values, columns)
            if not separator.is_any(","):
                remedy = "separate the values with commas, and close the list with ]"
                raise _expected("a comma or ] in the list", separator, remedy)

    def _field(self, token: Token) -> Field:
        try:
            return resolve_field(token)
        except FqlSyntaxError as error:
            if not token.is_malformed:
                self._mistakes += error.mistakes
            return _SOME_FIELD

    def _expect(self, symbol: str, where: str) -> None:
        token = self._next()
        if not token.is_any(symbol):
            raise _expected(f"'{symbol}' {where}", token, f"add {symbol} there")


def _literal(token: Token, where: str) -> Scalar:
    if token.kind in ("string", "number", "constant"):
        return token.value
    remedy = "write a string in quotes, a number, true, false or null"
    if token.kind == "name":
        guess = near(token.text, ("true", "false", "null"))
        remedy = f"write {guess}, or put text in quotes" if guess else "put text in quotes"
    raise _expected(f"a value {where}", token, remedy)


def _expected(what: str, token: Token, remedy: str) -> FqlSyntaxError:
    return _error(token, f"expected {what}, found {token}", remedy)


def _error(token: Token, reason: str, remedy: str) -> FqlSyntaxError:
    return FqlSyntaxError(Mistake(token.column, reason, remedy))
