"""The open findings of the published data, the most severe first."""

from dataclasses import dataclass

import duckdb

from jobs.config import Settings
from jobs.publication import read_publication
from jobs.sql_files import read_sql

FINDINGS = read_sql(__file__, "findings")


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of `dq_findings`."""

    severity: str
    check: str
    count: int
    subject: str
    detail: str
    remedy: str


def examine(settings: Settings) -> list[Finding]:
    """Return the findings of the publication; nothing is locked or written.

    Raises:
        JobError: nothing has been published yet.
    """
    with read_publication(settings) as con:
        return read_findings(con)


def read_findings(con: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Return the findings of an open publication, grouped by check."""
    return [Finding(*row) for row in con.execute(FINDINGS).fetchall()]
