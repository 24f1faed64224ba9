"""How Segment spells the name of an event, a property or a trait as that of a table or column."""

import re

_WORD = re.compile("[A-Z0-9]+[a-z0-9]*|[a-z][a-z0-9]*")


def snake_case(name: str) -> str:
    """`name` in lower case, its words joined by `_`, as Segment's warehouses and Data Lakes do.

    A word is a run of upper-case letters with the lower-case letters after it; digits belong to
    the word that they touch. Everything but ASCII letters and digits only separates words, so the
    result is empty for a name without any, and different names can share one.
    """
    return "_".join(_WORD.findall(name)).lower()
