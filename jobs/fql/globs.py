"""Translates the glob of `match()` to a regular expression."""

import re

from jobs.fql.errors import FqlSyntaxError, Mistake

# A class with its members, a class that is not closed, or one character.
_PIECE = re.compile(
    r"\[(?P<not>[!^]?)(?P<members>(?:\\.|[^\]\\])*)\]|(?P<open>\[)|(?P<end>\\\Z)|\\?.", re.DOTALL
)
_MEMBER = re.compile(r"(?P<first>\\?.)(?:-(?P<last>\\?.))?", re.DOTALL)
_SPECIAL = frozenset(r"\.^$|?*+()[]{}-&~")


def glob_regex(raw: str, column: int) -> str:
    r"""Return the regular expression that matches a whole text exactly when the glob does.

    `*` is any text, `?` one character, `[a-z]` one of a class, `[!a-z]` and `[^a-z]` one outside,
    `\x` the character `x` itself. The expression needs a dot that matches a newline, and uses only
    what both Python and RE2 understand. `column` is where `raw` begins, for the errors.

    Raises:
        FqlSyntaxError: a class is not closed, empty or backwards, or the last character is `\`.
    """
    parts = []
    for piece in _PIECE.finditer(raw):
        place = column + piece.start()
        if piece["end"]:
            raise _error(place, "the pattern ends with a backslash", "write a character after it")
        if piece["open"]:
            remedy = "close it with ], or write \\[ for the character itself"
            raise _error(place, "the class that begins with [ is not closed", remedy)
        if piece["members"] is not None:
            parts.append(f"[{'^' if piece['not'] else ''}{_members(piece['members'], place)}]")
        else:
            parts.append({"*": ".*", "?": "."}.get(piece[0]) or _escaped(piece[0]))
    return "".join(parts)


def _members(members: str, column: int) -> str:
    if not members:
        raise _error(column, "the class [] is empty", "name its characters, with \\] for ]")
    parts = []
    for member in _MEMBER.finditer(members):
        first, last = member["first"], member["last"]
        if last and last[-1] < first[-1]:
            reason = f"the range {first[-1]}-{last[-1]} runs backwards"
            raise _error(column, reason, f"write {last[-1]}-{first[-1]}")
        parts.append(f"{_escaped(first)}-{_escaped(last)}" if last else _escaped(first))
    return "".join(parts)


def _escaped(character: str) -> str:
    """Return a character, with or without a backslash, as a regular expression has it."""
    return f"\\{character[-1]}" if character[-1] in _SPECIAL else character[-1]


def _error(column: int, reason: str, remedy: str) -> FqlSyntaxError:
    return FqlSyntaxError(Mistake(column, reason, remedy))
