"""Parses the text of a trigger into its syntax tree, or finds all the mistakes in it."""

from typing import get_args

from jobs.fql.errors import FqlSyntaxError, TriggerSyntaxError
from jobs.fql.fields import near, resolve_field
from jobs.fql.globs import glob_regex
from jobs.fql.levels import Level, negate
from jobs.fql.lex import Note, Token, tokenize, unescape
from jobs.fql.literals import CONSTANTS, is_number, read_literal
from jobs.fql.syntax import (
    Comparison,
    Contains,
    Expression,
    Field,
    Match,
    Membership,
    Operator,
    Scalar,
    Trigger,
)

_FUNCTIONS = ("contains", "match")
_OPERATORS: dict[str, Operator] = {operator: operator for operator in get_args(Operator)}
# Parentheses that group nothing are free; levels that alternate `and` with `or` become nested SQL.
_MAX_LEVELS = 200
# Stand in for what is wrong while the rest is read.
_SOME_FIELD = Field("properties", ("",))
_SOME_CONDITION = Comparison(_SOME_FIELD, "=", None)


def parse_trigger(text: str) -> Trigger:
    """Return the syntax tree of a trigger.

    Raises:
        TriggerSyntaxError: the text is no trigger; the error holds every mistake with its column.
    """
    mistakes: list[FqlSyntaxError] = []
    expression = _Parser(tokenize(text, mistakes.append), mistakes.append).expression()
    if mistakes:
        raise TriggerSyntaxError(mistakes)
    return Trigger(text, expression)


class _Parser:
    """Reads tokens left to right; open parentheses are a list, so that no depth is too much.

    A mistake is noted. Reading goes on where the next condition must begin, or at once where it is
    clear what was meant.
    """

    def __init__(self, tokens: list[Token], note: Note) -> None:
        self._tokens = tokens
        self._position = 0
        self._note = note

    def expression(self) -> Expression:
        """Read the whole text."""
        levels = [Level()]
        is_complete = False
        while not is_complete:
            is_negated = self._negations()
            if self._peek().is_symbol("("):
                levels.append(Level(self._next(), is_negated))
                continue
            levels[-1].add(negate(self._condition_or_mistake(), is_negated))
            is_complete = self._ends_behind_condition(levels)
        for level in levels[1:]:
            self._unclosed(level.opened_by)
        return levels[0].combined()

    def _peek(self) -> Token:
        return self._tokens[self._position]

    def _next(self) -> Token:
        token = self._tokens[self._position]
        self._position += token.kind != "end"
        return token

    def _negations(self) -> bool:
        is_negated = False
        while (token := self._peek()).is_symbol("!") or _is_one_of(token, "not"):
            if token.kind == "name":
                self._note_at(token, f"'{token.text}' is no operator", "write !")
            self._next()
            is_negated = not is_negated
        return is_negated

    def _ends_behind_condition(self, levels: list[Level]) -> bool:
        """Read what follows a condition; return whether that is the end, else another follows."""
        while True:
            token = self._peek()
            if token.kind == "end":
                return True
            if token.is_symbol(")"):
                self._close(levels, self._next())
            elif self._connects(levels[-1], token):
                return False

    def _close(self, levels: list[Level], token: Token) -> None:
        if len(levels) == 1:
            self._note_at(token, "the parenthesis ) closes nothing", "remove it or open one with (")
            return
        level = levels.pop()
        depth = level.depth + (len(level.operands) > 1)
        if depth > _MAX_LEVELS:
            self._note_at(
                token,
                f"'and' and 'or' alternate over more than {_MAX_LEVELS} levels of parentheses",
                "split the trigger",
            )
            depth = 0
        levels[-1].add(negate(level.combined(), level.is_negated), depth)

    def _unclosed(self, opened_by: Token | None) -> None:
        # What a string without an end has swallowed may have closed it.
        if opened_by is not None and not any(
            token.kind == "string" and token.is_malformed for token in self._tokens
        ):
            self._note_at(opened_by, "a parenthesis is not closed", "close it with ) or remove it")

    def _connects(self, level: Level, token: Token) -> bool:
        """Read a connective; return whether a condition must follow."""
        if not token.is_word("and", "or") and not token.is_malformed:
            self._note_at(
                token, f"{token.described()} follows a complete condition", _joining(token)
            )
        if not _is_one_of(token, "and", "or"):
            if token.kind != "name":
                self._skip()
            return token.kind == "name"
        word = self._next().text.casefold()
        if level.connective not in (None, word) and not level.is_mixed:
            level.is_mixed = True
            self._note_at(
                token,
                f"'{word}' follows '{level.connective}' on one level",
                "put parentheses around the conditions that belong together",
            )
        level.connective = word
        return True

    def _condition_or_mistake(self) -> Expression:
        """Read a condition; of one that cannot be read only its first mistake is noted."""
        start = self._position
        try:
            return self._condition()
        except FqlSyntaxError as mistake:
            read = self._tokens[start : self._position + 1]
            if not any(token.is_malformed for token in read):
                self._note(mistake)
            self._position = start
            self._skip()
            return _SOME_CONDITION

    def _skip(self) -> None:
        """Go on to the next connective, closing parenthesis or end on this level."""
        depth = 0
        while (token := self._peek()).kind != "end":
            if depth == 0 and (token.is_symbol(")") or _is_one_of(token, "and", "or")):
                return
            depth += token.is_symbol("(") - token.is_symbol(")")
            self._next()

    def _condition(self) -> Expression:
        token = self._peek()
        if token.kind != "name" or token.is_word("and", "or", "in"):
            raise FqlSyntaxError(
                f"a condition is expected, not {token.described()},", token.column, _starting(token)
            )
        if token.text in CONSTANTS:
            raise FqlSyntaxError(
                f"a condition starts with {token.described()}",
                token.column,
                f"write the field first, such as properties.plan = {token.text}",
            )
        self._next()
        if self._peek().is_symbol("("):
            return self._call(token)
        return self._comparison(token)

    def _call(self, function: Token) -> Expression:
        name = function.text
        if name not in _FUNCTIONS:
            guess = near(name, _FUNCTIONS)
            remedy = f"did you mean {guess}?" if guess else "only contains() and match() are known"
            mistake = FqlSyntaxError(f"'{name}' is no function", function.column, remedy)
            if guess is None:
                raise mistake
            self._note(mistake)
            name = guess
        self._next()
        subject = self._next()
        if subject.kind != "name" or subject.text in CONSTANTS:
            raise FqlSyntaxError(
                f"{name}() takes a field first, not {subject.described()},",
                subject.column,
                f'write {name}(event, "text")',
            )
        resolved = self._field(subject)
        self._expect(",", f"behind the field of {name}()")
        text = self._next()
        if text.kind != "string":
            raise FqlSyntaxError(
                f"{name}() takes a string second, not {text.described()},",
                text.column,
                "put the text in quotes",
            )
        self._expect(")", f"behind the text of {name}()")
        if name == "contains":
            return Contains(resolved, unescape(text.text))
        return Match(resolved, text.text, glob_regex(text.text, text.column + 1))

    def _comparison(self, subject: Token) -> Expression:
        resolved, operator = self._field(subject), self._peek()
        is_in = _is_one_of(operator, "in")
        if not operator.is_word("in") and not operator.is_symbol(_OPERATORS.get(operator.text, "")):
            mistake = FqlSyntaxError(
                f"an operator is expected behind '{subject.text}', not {operator.described()},",
                operator.column,
                "write in in lower case" if is_in else f"write for example {subject.text} != null",
            )
            if not is_in:
                raise mistake
            self._note(mistake)
        self._next()
        if is_in:
            return self._membership(resolved)
        token = self._next()
        literal = read_literal(token, f"behind '{operator.text}'")
        is_order = operator.text not in ("=", "!=")
        if is_order and not is_number(literal) and not token.is_malformed:
            remedy = "write a number without quotes, or compare with = or !="
            self._note_at(token, f"'{operator.text}' compares numbers only", remedy)
        return Comparison(resolved, _OPERATORS[operator.text], literal, token.column)

    def _membership(self, resolved: Field) -> Membership:
        self._expect("[", "behind 'in'")
        literals, columns = [], []
        while True:
            token = self._next()
            columns.append(token.column)
            literals.append(self._listed(token))
            separator = self._next()
            if separator.is_symbol("]"):
                return Membership(resolved, tuple(literals), tuple(columns))
            if not separator.is_symbol(","):
                raise FqlSyntaxError(
                    f"a comma or ] is expected in the list, not {separator.described()},",
                    separator.column,
                    "separate the values with commas and close the list with ]",
                )

    def _listed(self, token: Token) -> Scalar:
        try:
            return read_literal(token, "in the list")
        except FqlSyntaxError as mistake:
            if token.kind in ("symbol", "end"):
                raise
            self._note(mistake)
            return None

    def _note_at(self, token: Token, reason: str, remedy: str) -> None:
        self._note(FqlSyntaxError(reason, token.column, remedy))

    def _field(self, token: Token) -> Field:
        try:
            return resolve_field(token)
        except FqlSyntaxError as mistake:
            if not token.is_malformed:
                self._note(mistake)
            return _SOME_FIELD

    def _expect(self, symbol: str, where: str) -> None:
        token = self._next()
        if not token.is_symbol(symbol):
            raise FqlSyntaxError(
                f"'{symbol}' is expected {where}, not {token.described()},",
                token.column,
                f"write {symbol} there",
            )


def _is_one_of(token: Token, *words: str) -> bool:
    """Whether this is one of those bare words, in whatever case."""
    return token.kind == "name" and token.text.casefold() in words


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
