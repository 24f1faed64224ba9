"""One ingest: list the landing zone, stage what is new or changed, settle which copies count."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.duplicates import settle_duplicates, update_source_ids
from ingest.landing import list_landing
from ingest.ledger import changes_since_last_run, create_raw_tables
from ingest.stage import stage_files


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one ingest found and did. Rows are messages; `vanished` paths kept their rows."""

    files_listed: int
    files_staged: int
    files_unreadable: int
    rows_landed: int
    rows_rejected: int
    vanished: tuple[str, ...]


def ingest_landing(
    con: duckdb.DuckDBPyConnection, landing: Path, source_ids: Mapping[str, str]
) -> IngestReport:
    """Stage every new and changed file of `landing` into the raw schema of `con`.

    `source_ids` maps a landing folder to its source id. A run over an unchanged landing zone opens
    no file and writes nothing.

    Raises:
        LandingError: the landing zone cannot be listed; nothing was changed.
    """
    files = list_landing(landing)
    con.execute("set TimeZone = 'UTC'")
    create_raw_tables(con)
    sources_changed = update_source_ids(con, source_ids)
    changes = changes_since_last_run(con, landing, files)
    counts = stage_files(con, landing, changes.to_stage, source_ids)
    settle_duplicates(con, everything=sources_changed)
    return IngestReport(
        files_listed=len(files),
        files_staged=counts.files,
        files_unreadable=counts.unreadable,
        rows_landed=counts.landed,
        rows_rejected=counts.rejected,
        vanished=tuple(changes.vanished),
    )
