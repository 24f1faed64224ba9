"""What is wrong with the published data: every open finding, the gravest first."""

from dataclasses import dataclass

import duckdb

from jobs.config import Settings
from jobs.publication import read_publication

FINDINGS = """
select severity, check_name, finding_count, subject, detail, remedy
from dq_findings
order by array_position(['error', 'warning', 'info'], severity), check_name, finding_count desc,
    subject, detail
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: how grave it is, what it concerns, how often it was met and what to do."""

    severity: str
    check: str
    count: int
    subject: str
    detail: str
    remedy: str


def examine(settings: Settings) -> list[Finding]:
    """Return the findings of the publication; nothing is locked and nothing is written.

    Raises:
        JobError: nothing has been published yet.
    """
    with read_publication(settings) as con:
        return read_findings(con)


def read_findings(con: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Return the findings of an open publication, those of one check together."""
    return [Finding(*row) for row in con.execute(FINDINGS).fetchall()]
