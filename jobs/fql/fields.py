"""Finds the field of a message that a written path means."""

from difflib import get_close_matches

from jobs.fql.errors import FqlSyntaxError, Mistake
from jobs.fql.lex import Token
from jobs.fql.syntax import OBJECT_COLUMNS, TEXT_COLUMNS, Field

_ROOTS = (*TEXT_COLUMNS, *OBJECT_COLUMNS)


def resolve_field(token: Token) -> Field:
    """Return the field that a name means.

    Raises:
        FqlSyntaxError: the field does not exist, a text field has parts, or an object has none.
    """
    root, *keys = token.keys
    if root not in _ROOTS:
        reason, remedy = f"'{root}' is not a field", _remedy(token)
    elif root in TEXT_COLUMNS and keys:
        reason, remedy = f"'{root}' is text and has no parts", f"write {root} alone"
    elif root in OBJECT_COLUMNS and not keys:
        reason = f"'{root}' is a whole object, not a field"
        remedy = f"name one of its keys, such as {root}.plan"
    else:
        return Field(root, tuple(keys))
    raise FqlSyntaxError(Mistake(token.column, reason, remedy))


def near(name: str, known: tuple[str, ...]) -> str | None:
    """Return the one of `known` that `name` probably means, whatever its case, or None."""
    folded = {candidate.casefold(): candidate for candidate in known}
    found = get_close_matches(name.casefold().replace("_", ""), folded, n=1, cutoff=0.7)
    return folded[found[0]] if found else None


def _remedy(token: Token) -> str:
    root = token.keys[0]
    if candidate := near(root, _ROOTS):
        rest = token.text[len(root) :] if token.text.startswith(root) else ""
        return f"did you mean {candidate}{rest if candidate in OBJECT_COLUMNS else ''}?"
    return f"write properties.{token.text}, or begin with one of {', '.join(_ROOTS)}"
