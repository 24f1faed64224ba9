"""The text of models and macros as fingerprints read it: without comments and spacing."""

import re
from collections.abc import Iterable

from jinja2 import Environment

_JINJA = Environment(autoescape=False)
_COMMENTS = ("comment_begin", "comment", "comment_end", "linecomment")
_JINJA_BLOCK = r"\0[^\0]*\0"
_SQL = re.compile(
    rf"""
    (?P<block>{_JINJA_BLOCK})
    | (?P<comment>--(?:{_JINJA_BLOCK}|[^\n\0])* | /\*(?:{_JINJA_BLOCK}|[^\0])*?\*/)
    | (?P<text>'(?:{_JINJA_BLOCK}|''|[^'\0])*' | "(?:{_JINJA_BLOCK}|""|[^"\0])*")
    | (?P<space>\s+)
    | (?P<unbalanced>['"])
    | (?P<word>\w+|.)
    """,
    re.VERBOSE | re.DOTALL,
)

_VARIABLE = re.compile(
    r"""\bvar\(\s*
    (?: (?P<quote>['"])(?P<name>\w+)(?P=quote)\s*(?:,[^()]*)?\)
        (?: \[(?P<q1>['"])(?P<item>\w+)(?P=q1)\] | \.get\((?P<q2>['"])(?P<member>\w+)(?P=q2) )?
    )?""",
    re.VERBOSE,
)
_CALL = re.compile(r"\b(\w+)\s*\(")


def without_comments(source: str) -> str:
    """Return the source without SQL comments, Jinja comments and differences of spacing.

    Jinja in an SQL comment is rendered all the same, so it stays. A source whose quotes do not pair
    up is returned as it is: what is a comment there cannot be known.
    """
    text = "".join(_sql_with_blocks(source))
    kept: list[str] = []
    for token in _SQL.finditer(text):
        if token["unbalanced"]:
            return source
        if token["comment"]:
            kept += [*re.findall(_JINJA_BLOCK, token["comment"], re.DOTALL), " "]
        else:
            kept.append(" " if token["space"] else token[0])
    spaced = (
        part for part, before in zip(kept, ["", *kept], strict=False) if {part, before} != {" "}
    )
    return "".join(spaced).replace("\0", "").strip()


def called_names(text: str) -> set[str]:
    """Return the names that a parenthesis follows: macros among them."""
    return set(_CALL.findall(text))


def variables_read(text: str) -> set[tuple[str, ...]]:
    """Return the dbt variables that a text reads: a name, or a name and the one key of it.

    An empty tuple means that the text computes the name, so it may read any variable.
    """
    return {
        tuple(part for part in (found["name"], found["item"] or found["member"]) if part)
        for found in _VARIABLE.finditer(text)
    }


def _sql_with_blocks(source: str) -> Iterable[str]:
    """Yield the SQL of a source, and each Jinja block between two zero bytes."""
    is_block = False
    for _, kind, value in _JINJA.lex(source.replace("\0", "")):
        if kind in _COMMENTS:
            continue
        if kind.endswith("_begin"):
            is_block = True
            yield "\0"
        is_delimiter = kind.endswith(("_begin", "_end"))
        yield " " if is_block and kind == "whitespace" else value.strip() if is_delimiter else value
        if kind.endswith("_end"):
            is_block = False
            yield "\0"
