"""Cuts the text of a trigger or a path into tokens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from jobs.fql.errors import FqlSyntaxError

# Unescaped in a path: what Segment allows, `$` (Mixpanel's own names) and whatever is not ASCII.
_NAME_CHARACTER = re.compile(r"[A-Za-z0-9_$\-]|[^\x00-\x7f]")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_SYMBOLS = ("!=", "<=", ">=", "=", "<", ">", "!", "(", ")", "[", "]", ",")
_FOREIGN_SYMBOLS = {
    "==": "write =",
    "=>": "write >=",
    "=<": "write <=",
    "<>": "write !=",
    "&&": "write and",
    "||": "write or",
    "&": "write and",
    "|": "write or",
}
_CURLY_QUOTES = "\u2018\u2019\u201c\u201d"
_CONTROL_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}

Kind = Literal["name", "string", "number", "symbol", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: what it is, as it was written, and its 1-based column.

    Of a string `text` is what stands between the quotes, escapes untouched; of a name `keys` are
    its dot-separated parts without escapes.
    """

    kind: Kind
    text: str
    column: int
    keys: tuple[str, ...] = ()

    def is_symbol(self, symbol: str) -> bool:
        """Whether this is that operator or punctuation mark."""
        return self.kind == "symbol" and self.text == symbol

    def is_word(self, *words: str) -> bool:
        """Whether this is one of those bare words."""
        return self.kind == "name" and self.text in words

    def described(self) -> str:
        """The token as an error message names it."""
        if self.kind == "end":
            return "the end of the text"
        return f'"{self.text}"' if self.kind == "string" else f"'{self.text}'"


def tokenize(text: str) -> list[Token]:
    """Return the tokens of `text`, ended by one of kind `end`.

    Raises:
        FqlSyntaxError: a character, string, number or name is malformed.
    """
    return list(_tokens(text))


def unescape(raw: str) -> str:
    r"""Return what a string stands for: `\n`, `\r`, `\t` as usual, any other `\x` is `x` itself."""
    return re.sub(r"\\(.)", lambda m: _CONTROL_ESCAPES.get(m[1], m[1]), raw, flags=re.DOTALL)


def _tokens(text: str) -> Iterator[Token]:
    _refuse_unstorable(text)
    position = 0
    while position < len(text):
        character = text[position]
        if character.isspace():
            position += 1
            continue
        if character in "\"'":
            token, position = _string(text, position)
        elif _NUMBER.match(text, position):
            token, position = _number(text, position)
        elif (symbol := _symbol(text, position)) is not None:
            token, position = Token("symbol", symbol, position + 1), position + len(symbol)
        else:
            token, position = _name(text, position)
        yield token
    yield Token("end", "", len(text) + 1)


def _refuse_unstorable(text: str) -> None:
    for position, character in enumerate(text):
        if character == "\0" or "\ud800" <= character <= "\udfff":
            raise FqlSyntaxError(
                "a NUL or half a surrogate pair, which no database stores, stands",
                position + 1,
                "remove it",
            )


def _string(text: str, start: int) -> tuple[Token, int]:
    quote, position = text[start], start + 1
    while position < len(text) and text[position] != quote:
        position += 2 if text[position] == "\\" else 1
    if position >= len(text):
        raise FqlSyntaxError(
            f"the string that opens with {quote} is not closed",
            start + 1,
            f"close it with {quote}, and write \\{quote} for a quote inside it",
        )
    return Token("string", text[start + 1 : position], start + 1), position + 1


def _number(text: str, start: int) -> tuple[Token, int]:
    match = _NUMBER.match(text, start)
    end = match.end() if match else start
    tail = end
    while tail < len(text) and (_NAME_CHARACTER.match(text, tail) or text[tail] == "."):
        tail += 1
    if tail > end:
        raise FqlSyntaxError(
            f"'{text[start:tail]}' is no number",
            start + 1,
            "write it like 40, -2.5 or 1e3, or put text in quotes",
        )
    return Token("number", text[start:end], start + 1), end


def _symbol(text: str, start: int) -> str | None:
    for foreign, remedy in _FOREIGN_SYMBOLS.items():
        if text.startswith(foreign, start):
            raise FqlSyntaxError(f"'{foreign}' is no operator", start + 1, remedy)
    return next((symbol for symbol in _SYMBOLS if text.startswith(symbol, start)), None)


def _name(text: str, start: int) -> tuple[Token, int]:
    keys, key, position = [], "", start
    while position < len(text):
        character = text[position]
        if character == "\\":
            if position + 1 >= len(text):
                raise FqlSyntaxError(
                    "a backslash ends the text",
                    position + 1,
                    "write the escaped character after it",
                )
            key, position = key + text[position + 1], position + 2
        elif character == ".":
            _require_key(key, position)
            keys.append(key)
            key, position = "", position + 1
        elif character in _CURLY_QUOTES:
            raise FqlSyntaxError(
                f"the curly quote {character} stands", position + 1, "write straight quotes"
            )
        elif not character.isspace() and _NAME_CHARACTER.match(text, position):
            key, position = key + character, position + 1
        else:
            break
    if position == start:
        raise FqlSyntaxError(
            f"the character {text[start]} is unexpected",
            start + 1,
            "put text in quotes, and write a backslash before it inside a path",
        )
    _require_key(key, position)
    return Token("name", text[start:position], start + 1, (*keys, key)), position


def _require_key(key: str, position: int) -> None:
    if not key:
        raise FqlSyntaxError(
            "a part of the path is empty",
            position + 1,
            "name a key before and after every dot, and write a dot inside a key as \\.",
        )
