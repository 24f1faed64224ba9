"""Macros of the published file: what analysts call there, in plain SQL of DuckDB 1.4 and later."""

import re
from pathlib import Path

import duckdb

from jobs.config.operations import StatisticsSettings
from jobs.publication import SCHEMA_VERSION

_FOLDER = Path(__file__).parent / "macros"


def _macro(name: str) -> str:
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


PERSON_AT = _macro("person_at")
NORMAL_QUANTILE = _macro("normal_quantile")
LIFT_BY = _macro("lift_by")
PERSON_TIMELINE = _macro("person_timeline")

# Parameters of `lift_by` whose default is that of `lift.yml`.
MINIMA = ("min_visitors", "min_converters")

COMMENTS = {
    "schema_version": """
comment on macro schema_version is
'One number: raised when a table or column of this file goes, or changes its type, key or meaning.'
""",
    "as_of": """
comment on macro as_of is
'One moment: the latest receipt that the figures know of, which every "now" in this file means.'
""",
    "run_id": """
comment on macro run_id is
'One text: the run that computed this file, as in the table runs; manual for a step by hand.'
""",
}


def create_macros(con: duckdb.DuckDBPyConnection, statistics: StatisticsSettings) -> None:
    """Create the macros in a publication that has its tables, each with its comment.

    `person_timeline` reads `rpt_journey` and is left out where that is not published; `as_of` and
    `run_id` are made with the tables, and get their comments.
    """
    lift_by = _with_minima(LIFT_BY, statistics)
    version = f"create or replace macro schema_version() as {SCHEMA_VERSION}"
    for macro in (PERSON_AT, NORMAL_QUANTILE, lift_by, version):
        con.execute(macro)
    if _has(con, "duckdb_views()", "view_name", "rpt_journey"):
        con.execute(PERSON_TIMELINE)
    for name, comment in COMMENTS.items():
        if _has(con, "duckdb_functions()", "function_name", name):
            con.execute(comment)


def _with_minima(macro: str, statistics: StatisticsSettings) -> str:
    for name in MINIMA:
        macro, count = re.subn(
            rf"\b{name} := \d+", f"{name} := {getattr(statistics, name)}", macro, count=1
        )
        assert count == 1, name
    return macro


def _has(con: duckdb.DuckDBPyConnection, catalog: str, column: str, name: str) -> bool:
    found = con.execute(
        f"select 1 from {catalog} where database_name = current_database()"
        f" and schema_name = 'main' and {column} = ?",
        [name],
    )
    return found.fetchone() is not None
