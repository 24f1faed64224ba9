"""What changed since the previous publication: results whose status is a new one."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import duckdb

from ingest.error_text import first_line
from ingest.sql import literal
from jobs.config import Settings
from jobs.publish.generations import previous_generation
from jobs.sql_files import read_sql

log = logging.getLogger(__name__)

CHANGES = read_sql(__file__, "changes")
NO_CHANGES = read_sql(__file__, "no_changes")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change:
    """A row of `fct_experience_lift` whose status is another one than before.

    `status_before` is None if the row is new, `status` if the row is not published any more.
    """

    vendor: str
    experience: str
    audience_segment: str
    period: date | None
    conversion: str
    metric: str
    variant: str
    is_main: bool
    status_before: str | None
    status: str | None
    lift_before: float | None
    lift: float | None


def of_previous(
    con: duckdb.DuckDBPyConnection, settings: Settings, read: Callable[[], T]
) -> T | None:
    """Return what `read` returns while the publication before the open one is `previous`.

    It is None if none is kept, or if it cannot be read: an earlier version has other columns.
    """
    previous = previous_generation(settings)
    if previous is None:
        return None
    try:
        con.execute(f"attach {literal(str(previous))} as previous (read_only)")
        try:
            return read()
        finally:
            con.execute("detach previous")
    except duckdb.Error as error:
        log.info("%s is not compared (%s)", previous, first_line(error))
        return None


def find_changes(con: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Compare the open publication with the one before it; return whether there is one.

    Afterwards the temporary table `verdict_changes` has the columns of `Change`. Without a
    previous publication that can be read, it is empty.
    """
    con.execute(NO_CHANGES)
    return of_previous(con, settings, lambda: con.execute(CHANGES)) is not None


def read_changes(con: duckdb.DuckDBPyConnection) -> list[Change]:
    """Return what `find_changes` found, the main conversion and its rate first."""
    found = con.execute(
        "from verdict_changes order by not is_main, conversion, metric <> 'conversion_rate',"
        " metric, vendor, experience, period, audience_segment, variant"
    )
    return [Change(*row) for row in found.fetchall()]
