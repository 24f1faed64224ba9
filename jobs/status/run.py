"""How the connections, the sources, the last runs and the publications do."""

from dataclasses import dataclass
from datetime import datetime

from jobs.config import Settings
from jobs.publication import read_publication
from jobs.publish.generations import Generation, list_publications
from jobs.sql_files import read_sql

CONNECTIONS = read_sql(__file__, "connections")
FRESHNESS = read_sql(__file__, "freshness")
RUNS = read_sql(__file__, "runs")


@dataclass(frozen=True, slots=True)
class Connection:
    """A source and a destination that is set up, see `rpt_integration_status`.

    It is receiving if a message was delivered within `quality.stale_after` before the clock.
    """

    destination: str
    source: str
    status: str
    is_receiving: bool
    reason: str | None
    last_delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Freshness:
    """When a source was last received, UTC, and how late its messages are."""

    source: str
    last_received_at: datetime | None
    delay_p50_seconds: float | None
    late_messages: int


@dataclass(frozen=True, slots=True)
class Run:
    """A nightly run; times are UTC."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    files_staged: int | None
    rows_staged: int | None
    rows_rejected: int | None
    models_built: int | None
    tables_published: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """What `lift status` shows; runs and generations begin with the newest."""

    connections: list[Connection]
    sources: list[Freshness]
    runs: list[Run]
    generations: list[Generation]


def read_status(settings: Settings, now: datetime) -> Status:
    """Return what the publication says as of `now`, UTC; nothing is locked or written.

    Raises:
        JobError: nothing has been published yet.
    """
    clock = {"now": now, "stale_after": settings.quality.stale_after.total_seconds()}
    publications = list_publications(settings)
    with read_publication(settings) as con:
        return Status(
            [Connection(*row) for row in con.execute(CONNECTIONS, clock).fetchall()],
            [Freshness(*row) for row in con.execute(FRESHNESS).fetchall()],
            [Run(*row) for row in con.execute(RUNS).fetchall()],
            publications,
        )
