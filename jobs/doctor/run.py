"""The open findings of the published data, the most severe first, and what destinations drop."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import duckdb

from jobs.config import Settings
from jobs.publication import read_publication
from jobs.sql_files import read_sql

FINDINGS = read_sql(__file__, "findings")
DELIVERIES = read_sql(__file__, "deliveries")


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of `dq_findings`."""

    severity: str
    check: str
    count: int
    subject: str
    detail: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Chain:
    """The way of a source's messages to a destination that is set up.

    `dropped` counts them by reason in the order in which a destination asks.
    """

    destination: str
    source: str
    offered: int
    dropped: dict[str, int]
    delivered: int


def examine(settings: Settings) -> tuple[list[Chain], list[Finding]]:
    """Return the deliveries and the findings of the publication; nothing is locked or written.

    Raises:
        JobError: nothing has been published yet.
    """
    with read_publication(settings) as con:
        return read_chains(con), read_findings(con)


def read_chains(con: duckdb.DuckDBPyConnection) -> list[Chain]:
    """Return the way to every destination of every source of an open publication."""
    counted = con.execute(DELIVERIES).fetchall()
    return [_chain(of, rows) for of, rows in groupby(counted, lambda row: row[:2])]


def _chain(of: tuple[str, str], rows: Iterable[tuple[str, str, str | None, int]]) -> Chain:
    counts = {reason: messages for _, _, reason, messages in rows}
    dropped = {reason: messages for reason, messages in counts.items() if reason is not None}
    return Chain(*of, sum(counts.values()), dropped, counts.get(None, 0))


def read_findings(con: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Return the findings of an open publication, grouped by check."""
    return [Finding(*row) for row in con.execute(FINDINGS).fetchall()]
