"""The table `help` of the published file: what is in it, what a row is, and how to ask."""

from pathlib import Path

import duckdb

_HELP = Path(__file__).parent / "macros" / "help.sql"


def create_help(con: duckdb.DuckDBPyConnection) -> None:
    """Create `help` in a publication that has its tables, its macros and their comments."""
    con.execute(_HELP.read_text(encoding="utf-8"))
