"""The statements of ingest, one file each, and how names and texts are written into them."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from ingest.decimal_text import plain_decimal

if TYPE_CHECKING:
    import duckdb

_PART = re.compile(r"\{([a-z_]+)\}")


def statement(name: str, **parts: str) -> str:
    """Return the text of `name`.sql with each `{part}` replaced by the SQL given for it."""
    return _PART.sub(lambda found: parts[found[1]], _text(name))


def define_macros(con: duckdb.DuckDBPyConnection) -> None:
    """Create the macros that the statements share, as temporary ones of the connection."""
    con.execute(statement("macros", plain_decimal=plain_decimal("number")))


@cache
def _text(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
