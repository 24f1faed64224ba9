"""The names that were sent and are nearest to those a trigger asks for."""

from dataclasses import dataclass

import duckdb

from jobs.fql import Trigger
from jobs.sql_files import read_sql


@dataclass(frozen=True, slots=True)
class NearName:
    """A name that was sent; `is_same` where the trigger names it and asks for more besides."""

    name: str
    type: str
    messages: int
    is_same: bool

    def __str__(self) -> str:
        """Return the name as findings show it."""
        call = "" if self.type == "track" else f"{self.type}, "
        return f'"{self.name}" ({call}{self.messages:,})'


def near_names(con: duckdb.DuckDBPyConnection, trigger: Trigger) -> list[NearName]:
    """Return at most three names, the nearest first."""
    names = trigger.expected_names()
    return [
        NearName(*row)
        for row in con.execute(read_sql(__file__, "near_names"), {"names": names}).fetchall()
    ]
