"""The record of a nightly run: begun before anything is read, ended whatever happens."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

from ingest.ledger import create_raw_tables
from ingest.run import IngestReport
from jobs.build.run import BuildReport
from jobs.config import Settings
from jobs.ingest.tombstones import current_erasure
from jobs.warehouse import open_warehouse

log = logging.getLogger(__name__)


@dataclass(slots=True)
class RunRecord:
    """One run as far as it has come. Times are UTC without offset."""

    run_id: str
    started_at: datetime
    ingest: IngestReport | None = None
    build: BuildReport | None = None
    tables_published: int | None = None
    steps: dict[str, float] = field(default_factory=dict)


@contextmanager
def run_record(settings: Settings) -> Iterator[RunRecord]:
    """Write the run into `raw.runs` as running, and as failed when the block raises.

    Raises:
        JobError: erased persons could not be kept out; nothing was written.
    """
    started_at = datetime.now(UTC).replace(tzinfo=None)
    run_id = f"{started_at:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    record = RunRecord(run_id, started_at)
    with open_warehouse(settings) as con:
        current_erasure(settings, con)
        create_raw_tables(con)
        con.execute(
            "insert into raw.runs (run_id, started_at, outcome, version, config_hash)"
            " values (?, ?, 'running', ?, ?)",
            [run_id, started_at, version("segment-lift"), settings.config_hash()],
        )
    try:
        yield record
    except BaseException as error:
        end_run(
            settings, record, "failed", str(error).splitlines()[0] if str(error) else repr(error)
        )
        raise


def end_run(settings: Settings, record: RunRecord, outcome: str, error: str | None = None) -> None:
    """Write how far the run came: rows per step, and its outcome (published or failed)."""
    ingest, build = record.ingest, record.build
    with open_warehouse(settings) as con:
        con.execute(
            """
            update raw.runs
            set finished_at = now() at time zone 'UTC',
                outcome = ?,
                files_staged = ?,
                rows_landed = ?,
                rows_rejected = ?,
                rows_staged = ?,
                models_built = ?,
                tables_published = ?,
                error = ?
            where run_id = ?
            """,
            [
                outcome,
                ingest and ingest.files_staged,
                ingest and ingest.rows_landed,
                ingest and ingest.rows_rejected,
                ingest and ingest.rows_landed - ingest.rows_rejected,
                build and build.models,
                record.tables_published,
                error,
                record.run_id,
            ],
        )
