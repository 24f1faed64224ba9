"""Macros of the published file: what analysts call there, in plain SQL of DuckDB 1.4 and later."""

from pathlib import Path

import duckdb

_FOLDER = Path(__file__).parent / "macros"


def _macro(name: str) -> str:
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


PERSON_AT = _macro("person_at")
NORMAL_QUANTILE = _macro("normal_quantile")
LIFT_BY = _macro("lift_by")
PERSON_TIMELINE = _macro("person_timeline")

MACROS = (PERSON_AT, NORMAL_QUANTILE, LIFT_BY)

AS_OF_COMMENT = """
comment on macro as_of is
'One moment: the latest receipt that the figures know of, which every "now" in this file means.'
"""


def create_macros(con: duckdb.DuckDBPyConnection) -> None:
    """Create the macros in a publication that has its tables, each with its comment.

    `person_timeline` reads `rpt_journey` and is left out where that is not published; `as_of` is
    made with the tables, and gets its comment.
    """
    for macro in MACROS:
        con.execute(macro)
    if _has(con, "duckdb_views()", "view_name", "rpt_journey"):
        con.execute(PERSON_TIMELINE)
    if _has(con, "duckdb_functions()", "function_name", "as_of"):
        con.execute(AS_OF_COMMENT)


def _has(con: duckdb.DuckDBPyConnection, catalog: str, column: str, name: str) -> bool:
    found = con.execute(
        f"select 1 from {catalog} where database_name = current_database()"
        f" and schema_name = 'main' and {column} = ?",
        [name],
    )
    return found.fetchone() is not None
