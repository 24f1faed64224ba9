"""Merges over time: which person another absorbed, by which message."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from jobs.explain.identifiers import Identifier
from jobs.sql_files import read_sql

COLUMNS = """
    absorbed_person_id, person_id, id_type_a, id_value_a, id_type_b, id_value_b, message_id,
    occurred_at, run_id
"""


@dataclass(frozen=True, slots=True)
class Merge:
    """A person that another absorbed, by two identifiers on one message."""

    absorbed_person_id: str
    person_id: str
    a: Identifier
    b: Identifier
    message_id: str
    occurred_at: datetime
    run_id: str | None


def merges_into(
    con: duckdb.DuckDBPyConnection, person_id: str, limit: int | None
) -> tuple[list[Merge], int]:
    """Return whom a person absorbed, oldest first, and how many in all."""
    if not _are_recorded(con):
        return [], 0
    query = read_sql(__file__, "merges").format(columns=COLUMNS, limit=limit or "all")
    rows = con.execute(query, [person_id]).fetchall()
    return [_merge(row) for row in rows], rows[0][-1] if rows else 0


def merges_of(con: duckdb.DuckDBPyConnection, person_id: str) -> list[Merge]:
    """Return who absorbed a person, who absorbed that one, and so on."""
    if not _are_recorded(con):
        return []
    query = read_sql(__file__, "absorptions").format(columns=COLUMNS)
    return [_merge(row) for row in con.execute(query, [person_id]).fetchall()]


def _are_recorded(con: duckdb.DuckDBPyConnection) -> bool:
    """Publications of earlier versions have no such table."""
    tables = "select table_name from duckdb_tables() where table_name = 'fct_identity_merges'"
    return bool(con.execute(tables).fetchall())


def _merge(row: tuple[Any, ...]) -> Merge:
    absorbed_person_id, person_id, type_a, value_a, type_b, value_b, message_id, at, run_id, *_ = (
        row
    )
    a, b = Identifier(type_a, value_a), Identifier(type_b, value_b)
    return Merge(absorbed_person_id, person_id, a, b, message_id, at, run_id)
