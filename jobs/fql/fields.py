"""Tells which field of a message a written path means."""

from difflib import get_close_matches

from jobs.fql.errors import FqlSyntaxError
from jobs.fql.lex import Token
from jobs.fql.syntax import OBJECT_COLUMNS, TEXT_COLUMNS, Field

_ROOTS = (*TEXT_COLUMNS, *OBJECT_COLUMNS)


def resolve_field(token: Token) -> Field:
    """Return the field a name token means.

    Raises:
        FqlSyntaxError: there is no such field, a text field is given parts, or an object none.
    """
    root, *keys = token.keys
    if root not in _ROOTS:
        raise FqlSyntaxError(f"'{root}' is no field of a message", token.column, _remedy(token))
    if root in TEXT_COLUMNS and keys:
        raise FqlSyntaxError(
            f"'{root}' is text and has no parts", token.column, f"write {root} alone"
        )
    if root in OBJECT_COLUMNS and not keys:
        raise FqlSyntaxError(
            f"'{root}' is a whole object, not a field",
            token.column,
            f"name one of its keys, such as {root}.plan",
        )
    return Field(root, tuple(keys))


def near(name: str, known: tuple[str, ...]) -> str | None:
    """Return the one of `known` that `name` probably means, whatever its case, or None."""
    folded = {candidate.casefold(): candidate for candidate in known}
    found = get_close_matches(name.casefold().replace("_", ""), folded, n=1, cutoff=0.7)
    return folded[found[0]] if found else None


def _remedy(token: Token) -> str:
    root = token.keys[0]
    if candidate := near(root, _ROOTS):
        rest = token.text[len(root) :] if token.text.startswith(root) else ""
        suffix = rest if candidate in OBJECT_COLUMNS else ""
        return f"did you mean {candidate}{suffix}?"
    return f"write one of {', '.join(_ROOTS)}, such as properties.{token.text}"
