"""Translates the glob of `match()` to a regular expression."""

from jobs.fql.errors import FqlSyntaxError

_SPECIAL = frozenset(r"\.^$|?*+()[]{}-&~")


def glob_regex(raw: str, column: int) -> str:
    r"""Return the regular expression that matches a whole text exactly when the glob does.

    `*` is any text, `?` one character, `[a-z]` one of a class, `[!a-z]` and `[^a-z]` one outside,
    `\x` the character `x` itself. The expression wants a dot that matches a newline, and keeps to
    what both Python and RE2 understand. `column` is where `raw` starts, for the errors.

    Raises:
        FqlSyntaxError: a class is not closed, empty or runs backwards, or a backslash stands last.
    """
    parts, position = [], 0
    while position < len(raw):
        character = raw[position]
        if character == "*":
            parts.append(".*")
        elif character == "?":
            parts.append(".")
        elif character == "[":
            regex, position = _class(raw, position, column)
            parts.append(regex)
            continue
        elif character == "\\":
            position += 1
            parts.append(_escaped(_at(raw, position, column)))
        else:
            parts.append(_escaped(character))
        position += 1
    return "".join(parts)


def _at(raw: str, position: int, column: int) -> str:
    """Return the character behind a backslash."""
    if position >= len(raw):
        raise FqlSyntaxError(
            "a backslash ends the pattern", column + position - 1, "write a character after it"
        )
    return raw[position]


def _escaped(character: str) -> str:
    return f"\\{character}" if character in _SPECIAL else character


def _class(raw: str, start: int, column: int) -> tuple[str, int]:
    """Translate the class that opens at `start`; return it and the position behind it."""
    position = start + 1
    negated = raw[position : position + 1] in ("!", "^")
    position += negated
    members: list[tuple[str, bool]] = []  # a character, and whether it is a bare hyphen
    while position < len(raw) and raw[position] != "]":
        bare = raw[position] != "\\"
        position += 0 if bare else 1
        character = _at(raw, position, column)
        members.append((character, bare and character == "-"))
        position += 1
    if position >= len(raw):
        raise FqlSyntaxError(
            "the class that opens with [ is not closed",
            column + start,
            "close it with ], or write \\[ for the character itself",
        )
    if not members:
        raise FqlSyntaxError(
            "the class [] is empty", column + start, "name its characters, with ] written as \\]"
        )
    regex, index = [], 0
    while index < len(members):
        character = members[index][0]
        if index + 2 < len(members) and members[index + 1][1]:
            last = members[index + 2][0]
            if last < character:
                raise FqlSyntaxError(
                    f"the range {character}-{last} runs backwards",
                    column + start,
                    f"write {last}-{character}",
                )
            regex.append(f"{_escaped(character)}-{_escaped(last)}")
            index += 3
        else:
            regex.append(_escaped(character))
            index += 1
    return f"[{'^' if negated else ''}{''.join(regex)}]", position + 1
