"""The record of a nightly run in `raw.runs`: written before anything is read, and at the end."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

from ingest.error_text import first_line
from ingest.ledger import create_raw_tables
from ingest.run import IngestReport
from jobs.build.dbt_process import peak_memory
from jobs.build.run import BuildReport
from jobs.config import Settings
from jobs.ingest.tombstones import current_erasure
from jobs.sql_files import read_sql
from jobs.stopping import Stopped
from jobs.warehouse import open_warehouse

STEPS = ("ingest", "build", "publish", "export", "report")
"""The steps of a night, in their order."""

END_RUN = read_sql(__file__, "end_run")


@dataclass(slots=True)
class RunRecord:
    """How far a run has come. Times are UTC without offset."""

    run_id: str
    started_at: datetime
    ingest: IngestReport | None = None
    build: BuildReport | None = None
    tables_published: int | None = None
    steps: dict[str, float] = field(default_factory=dict)


@contextmanager
def run_record(settings: Settings) -> Iterator[RunRecord]:
    """Record the run as running, and as failed or interrupted when the block raises.

    Raises:
        JobError: the key of the tombstones is missing or broken; nothing was written.
    """
    started_at = datetime.now(UTC).replace(tzinfo=None)
    run_id = f"{started_at:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    record = RunRecord(run_id, started_at)
    with open_warehouse(settings) as con:
        current_erasure(settings, con)
        create_raw_tables(con)
        # This run holds the lock: no other one is running.
        con.execute("update raw.runs set outcome = 'died' where outcome = 'running'")
        con.execute(
            "insert into raw.runs (run_id, started_at, outcome, version, config_hash)"
            " values (?, ?, 'running', ?, ?)",
            [run_id, started_at, version("segment-lift"), settings.config_hash()],
        )
    try:
        yield record
    except Stopped as stopped:
        end_run(settings, record, "interrupted", first_line(stopped))
        raise
    except BaseException as error:
        end_run(settings, record, "failed", first_line(error))
        raise


def end_run(settings: Settings, record: RunRecord, outcome: str, error: str | None = None) -> None:
    """Record the outcome, as `runs` has it, and the rows and seconds of each step."""
    ingest, build = record.ingest, record.build
    with open_warehouse(settings) as con:
        con.execute(
            END_RUN,
            {
                "run_id": record.run_id,
                "outcome": outcome,
                "files_staged": ingest and ingest.files_staged,
                "rows_landed": ingest and ingest.rows_landed,
                "rows_rejected": ingest and ingest.rows_rejected,
                "models_built": build and build.models,
                "tables_published": record.tables_published,
                "error": error,
                **{step: record.steps.get(step) for step in STEPS},
                "peak_memory": max(peak_memory(), build.peak_memory if build else 0),
            },
        )
