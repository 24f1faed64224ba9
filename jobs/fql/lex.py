"""Cuts the text of a trigger or a path into tokens."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from jobs.fql.errors import FqlSyntaxError

# Unescaped in a path: what Segment allows, `$` (Mixpanel's own names) and whatever is not ASCII.
_NAME_CHARACTER = re.compile(r"[A-Za-z0-9_$\-]|[^\x00-\x7f]")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_SYMBOLS = ("!=", "<=", ">=", "=", "<", ">", "!", "(", ")", "[", "]", ",")
# Of other languages, and what is meant.
_FOREIGN_SYMBOLS = {
    "==": "=",
    "=>": ">=",
    "=<": "<=",
    "<>": "!=",
    "&&": "and",
    "||": "or",
    "&": "and",
    "|": "or",
}
_CURLY_QUOTES = "\u2018\u2019\u201c\u201d"
_ENDS_A_NAME = frozenset("\"'()[],=<>!&|")
_CONTROL_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}

_EMPTY_KEY = (
    "a part of the path is empty",
    "name a key before and after every dot, and write a dot inside a key as \\.",
)
_UNEXPECTED = "put text in quotes, and write a backslash before it inside a path"

Kind = Literal["name", "string", "number", "symbol", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: what it is, as it was written, and its 1-based column.

    Of a string `text` is what stands between the quotes, escapes untouched; of a name `keys` are
    its dot-separated parts without escapes. One that is malformed is the best guess at it.
    """

    kind: Kind
    text: str
    column: int
    keys: tuple[str, ...] = ()
    is_malformed: bool = False

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


Note = Callable[[FqlSyntaxError], None]


def refuse(mistake: FqlSyntaxError) -> None:
    """Raise the first mistake that is noted."""
    raise mistake


def tokenize(text: str, note: Note = refuse) -> list[Token]:
    """Return the tokens of `text`, ended by one of kind `end`.

    `note` takes each malformed character, string, number or name; if it returns, what was meant is
    guessed, so that the mistakes after it are found, too.
    """
    return list(_tokens(text, note))


def unescape(raw: str) -> str:
    r"""Return what a string stands for: `\n`, `\r`, `\t` as usual, any other `\x` is `x` itself."""
    return re.sub(r"\\(.)", lambda m: _CONTROL_ESCAPES.get(m[1], m[1]), raw, flags=re.DOTALL)


def _tokens(written: str, note: Note) -> Iterator[Token]:
    text = _storable(written, note)
    position = 0
    while position < len(text):
        character = text[position]
        if character.isspace():
            position += 1
            continue
        if character in "\"'":
            token, position = _string(text, position, note)
        elif character in _CURLY_QUOTES:
            token, position = _curly_string(text, position, note)
        elif _NUMBER.match(text, position):
            token, position = _number(text, position, note)
        elif found := _symbol(text, position, note):
            token, position = found
        else:
            token, position = _name(text, position, note)
        yield token
    yield Token("end", "", len(text) + 1)


def _storable(text: str, note: Note) -> str:
    for unstorable in _UNSTORABLE.finditer(text):
        reason = "a NUL or half a surrogate pair, which no database stores, stands"
        note(FqlSyntaxError(reason, unstorable.start() + 1, "remove it"))
    return _UNSTORABLE.sub("_", text)


def _string(text: str, start: int, note: Note) -> tuple[Token, int]:
    quote, position = text[start], start + 1
    while position < len(text) and text[position] != quote:
        position += 2 if text[position] == "\\" else 1
    is_closed = position < len(text)
    if not is_closed:
        note(
            FqlSyntaxError(
                f"the string that opens with {quote} is not closed",
                start + 1,
                f"close it with {quote}, and write \\{quote} for a quote inside it",
            )
        )
    token = Token("string", text[start + 1 : position], start + 1, is_malformed=not is_closed)
    return token, position + 1


def _curly_string(text: str, start: int, note: Note) -> tuple[Token, int]:
    note(
        FqlSyntaxError(f"the curly quote {text[start]} stands", start + 1, "write straight quotes")
    )
    end = start + 1
    while end < len(text) and text[end] not in _CURLY_QUOTES:
        end += 1
    return Token("string", text[start + 1 : end], start + 1, is_malformed=True), end + 1


def _number(text: str, start: int, note: Note) -> tuple[Token, int]:
    match = _NUMBER.match(text, start)
    end = match.end() if match else start
    tail = end
    while tail < len(text) and (_NAME_CHARACTER.match(text, tail) or text[tail] == "."):
        tail += 1
    if tail > end:
        note(
            FqlSyntaxError(
                f"'{text[start:tail]}' is no number",
                start + 1,
                "write it like 40, -2.5 or 1e3, or put text in quotes",
            )
        )
    return Token("number", text[start:end], start + 1, is_malformed=tail > end), tail


def _symbol(text: str, start: int, note: Note) -> tuple[Token, int] | None:
    for foreign, meant in _FOREIGN_SYMBOLS.items():
        if text.startswith(foreign, start):
            note(FqlSyntaxError(f"'{foreign}' is no operator", start + 1, f"write {meant}"))
            kind: Kind = "name" if meant.isalpha() else "symbol"
            return Token(kind, meant, start + 1, (meant,)), start + len(foreign)
    symbol = next((symbol for symbol in _SYMBOLS if text.startswith(symbol, start)), None)
    if symbol is None:
        return None
    return Token("symbol", symbol, start + 1), start + len(symbol)


def _name(text: str, start: int, note: Note) -> tuple[Token, int]:
    keys, key, position = [], "", start
    malformed: list[FqlSyntaxError] = []

    def refuse_at(reason: str, remedy: str) -> None:
        malformed.append(FqlSyntaxError(reason, position + 1, remedy))

    while position < len(text):
        character = text[position]
        if character == "\\":
            if position + 1 == len(text):
                refuse_at("a backslash ends the text", "write the escaped character after it")
            key, position = key + text[position + 1 : position + 2], position + 2
        elif character == ".":
            if not key:
                refuse_at(*_EMPTY_KEY)
            keys.append(key)
            key, position = "", position + 1
        elif character.isspace() or character in _ENDS_A_NAME:
            break
        else:
            if character in _CURLY_QUOTES:
                refuse_at(f"the curly quote {character} stands", "write straight quotes")
            elif not _NAME_CHARACTER.match(text, position):
                refuse_at(f"the character {character} is unexpected", _UNEXPECTED)
            key, position = key + character, position + 1
    if not key and not malformed:
        refuse_at(*_EMPTY_KEY)
    for mistake in malformed:
        note(mistake)
    token = Token("name", text[start:position], start + 1, (*keys, key), bool(malformed))
    return token, position
