"""Cuts the text of a trigger or a path into tokens."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from jobs.fql.errors import Mistake
from jobs.fql.syntax import Scalar

_CURLY_QUOTES = "\u2018\u2019\u201c\u201d"
_TOKEN = re.compile(
    rf"""
      (?P<string> (?P<quote>["']) (?: \\. | (?!(?P=quote))[^\\] )*
          (?: (?P<close>(?P=quote)) | \\?\Z ) )
    | (?P<curly> [{_CURLY_QUOTES}] (?P<text> [^{_CURLY_QUOTES}]* ) [{_CURLY_QUOTES}]? )
    | (?P<number> -?(?:0|[1-9][0-9]*) (?:\.[0-9]+)? (?:[eE][+-]?[0-9]+)? )
          (?P<tail> [A-Za-z0-9_$\-.\x80-\U0010ffff]* )
    | (?P<foreign> ==|=>|=<|<>|&&?|\|\|? )
    | (?P<symbol> !=|<=|>=|[=<>!()\[\],] )
    | (?P<name> (?: \\.? | [^\s"'()\[\],=<>!&|\\] )+ )
    """,
    re.VERBOSE | re.DOTALL,
)
# In a path, what Segment allows, `$` (Mixpanel's own names) and everything beyond ASCII.
_NAME_CHARACTER = re.compile(r"[A-Za-z0-9_$\-]|[^\x00-\x7f]")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# Operators of other languages, and what they mean here.
_FOREIGN = {"==": "=", "=>": ">=", "=<": "<=", "<>": "!=", "not": "!"}
_FOREIGN |= {"&&": "and", "&": "and", "||": "or", "|": "or"}
_WORDS = ("and", "or", "in")
_CONSTANTS: dict[str, Scalar] = {"true": True, "false": False, "null": None}
_CONTROL_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_MAX_NUMBER_LENGTH = 400

Kind = Literal["name", "string", "number", "constant", "word", "symbol", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: its kind, how it is written, and its column.

    The `text` of a string is what is between its quotes, escapes untouched. A string, a number or a
    constant has a `value`. `keys` are the parts of a name between its dots, without escapes. A
    malformed token is the best guess at what is meant.
    """

    kind: Kind
    text: str
    column: int
    value: Scalar = None
    keys: tuple[str, ...] = ()
    is_malformed: bool = False

    def is_any(self, *symbols: str) -> bool:
        """Whether this is one of those operators, words or punctuation marks."""
        return self.kind in ("symbol", "word") and self.text in symbols

    def __str__(self) -> str:
        """Return the token as a message names it."""
        if self.kind == "end":
            return "the end of the text"
        return f'"{self.text}"' if self.kind == "string" else f"'{self.text}'"


def tokenize(text: str, mistakes: list[Mistake]) -> list[Token]:
    """Return the tokens of `text`, the last of kind `end`.

    A malformed character, string, number or name is added to `mistakes`, and what is meant is
    guessed, so that the mistakes after it are found too.
    """
    for found in _UNSTORABLE.finditer(text):
        reason = "the text has a NUL or half a surrogate pair, which no database stores"
        mistakes.append(Mistake(found.start() + 1, reason, "remove it"))
    tokens = [_token(match, mistakes) for match in _TOKEN.finditer(_UNSTORABLE.sub("_", text))]
    return [*tokens, Token("end", "", len(text) + 1)]


def _token(match: re.Match[str], mistakes: list[Mistake]) -> Token:
    column, text = match.start() + 1, match[0]
    if match["string"]:
        quote, is_closed = match["quote"], bool(match["close"])
        if not is_closed:
            reason = f"the string that begins with {quote} is not closed"
            remedy = f"close it with {quote}, and write \\{quote} for a quote inside it"
            mistakes.append(Mistake(column, reason, remedy))
        body = text[1 : len(text) - is_closed]
        return Token("string", body, column, _unescaped(body), is_malformed=not is_closed)
    if match["curly"]:
        mistakes.append(_curly(column, text[0]))
        return Token("string", match["text"], column, match["text"], is_malformed=True)
    if match["number"]:
        return _number(match, mistakes)
    meant = text if match["symbol"] else _FOREIGN.get(text.casefold())
    if meant is None and text.casefold() in _WORDS:
        meant = text.casefold()
    if meant is not None:
        if meant != text:
            mistakes.append(Mistake(column, f"'{text}' is not an operator", f"write {meant}"))
        return Token("word" if meant in _WORDS else "symbol", meant, column)
    if text in _CONSTANTS:
        return Token("constant", text, column, _CONSTANTS[text])
    return _name(text, column, mistakes)


def _unescaped(raw: str) -> str:
    r"""Return what a string means: `\n`, `\r`, `\t` as usual, any other `\x` is `x` itself."""
    return re.sub(r"\\(.)", lambda m: _CONTROL_ESCAPES.get(m[1], m[1]), raw, flags=re.DOTALL)


def _number(match: re.Match[str], mistakes: list[Mistake]) -> Token:
    """Read a number: a whole one exactly, any other as the nearest double."""
    column, text, number = match.start() + 1, match[0], match["number"]
    value: int | float = float(number)
    is_malformed = text != number or math.isinf(value) or len(number) > _MAX_NUMBER_LENGTH
    if text != number:
        remedy = "write it like 40, -2.5 or 1e3, or put text in quotes"
        mistakes.append(Mistake(column, f"'{text}' is not a number", remedy))
    elif is_malformed:
        reason = f"the number '{text[:20]}' is out of range"
        mistakes.append(Mistake(column, reason, "write a smaller one"))
    elif (exact := Decimal(number)) == exact.to_integral_value():
        value = int(exact)
    return Token("number", number, column, value, is_malformed=is_malformed)


def _name(text: str, start: int, mistakes: list[Mistake]) -> Token:
    keys = [""]
    malformed: list[Mistake] = []

    def empty_part(column: int) -> Mistake:
        remedy = "write a key before and after every dot, and \\. for a dot inside a key"
        return Mistake(column, "a part of the path is empty", remedy)

    for piece in re.finditer(r"\\?.", text, re.DOTALL):
        column, character = start + piece.start(), piece[0]
        if character == ".":
            if not keys[-1]:
                malformed.append(empty_part(column))
            keys.append("")
            continue
        if character == "\\":
            reason, remedy = "the text ends with a backslash", "write a character after it"
            malformed.append(Mistake(column, reason, remedy))
        elif character in _CURLY_QUOTES:
            malformed.append(_curly(column, character))
        elif len(character) == 1 and not _NAME_CHARACTER.match(character):
            remedy = "put text in quotes, or write a backslash before it in a path"
            malformed.append(Mistake(column, f"the character {character} is unexpected", remedy))
        keys[-1] += character.removeprefix("\\")
    if not keys[-1] and not malformed:
        malformed.append(empty_part(start + len(text)))
    mistakes += malformed
    return Token("name", text, start, keys=tuple(keys), is_malformed=bool(malformed))


def _curly(column: int, quote: str) -> Mistake:
    return Mistake(column, f"the curly quote {quote} is not allowed", "write straight quotes")
