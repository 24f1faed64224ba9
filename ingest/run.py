"""One ingest: list the landing zone, stage what is new or changed, settle which copies count."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.deduplicate import settle_duplicates, update_source_ids
from ingest.erasure import Erasure
from ingest.errors import LandingError
from ingest.layouts.crm import CrmRead
from ingest.ledger import changes_since_last_run, create_raw_tables, remove_contribution
from ingest.progress import SILENT, Progress
from ingest.stage import stage_files
from ingest.storage.landing import landing_zone
from ingest.storage.landing_folder import check_landing_folder


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one ingest found and did. Rows are messages.

    `unreadable` names files and why; `vanished` paths kept their rows unless they were `pruned`;
    `passed_over` objects belong to no layout; `crm` are the files of the CRM that were read.
    """

    files_listed: int
    files_staged: int
    rows_landed: int
    rows_rejected: int
    unreadable: tuple[str, ...]
    vanished: tuple[str, ...]
    pruned: tuple[str, ...]
    passed_over: tuple[str, ...]
    crm: tuple[CrmRead, ...] = ()


def ingest_landing(
    con: duckdb.DuckDBPyConnection,
    landing: str | Path,
    source_ids: Mapping[str, str],
    *,
    prune: bool = False,
    erasure: Erasure | None = None,
    scratch: Path | None = None,
    progress: Progress = SILENT,
) -> IngestReport:
    """Stage every new and changed file of `landing` into the raw schema of `con`.

    `landing` is a folder or the URL of a bucket; `source_ids` maps a landing folder to its source
    id. A run over an unchanged landing zone opens no file and writes nothing. `prune` takes back
    what vanished files had contributed; `erasure` says whose rows are kept out.

    Raises:
        LandingFolderError: there is no such folder; or the warehouse has no messages yet, and what
            the folder holds shows that the landing zone is another one.
        LandingError: the landing zone cannot be listed, or is empty and shall be pruned; nothing
            was changed.
    """
    zone = landing_zone(landing)
    listing = zone.listing()
    if prune and not listing.files:
        raise LandingError(
            f"The landing zone {landing} holds no files, and pruning would remove every message;"
            " check `landing:` in lift.yml."
        )
    con.execute("set TimeZone = 'UTC'")
    create_raw_tables(con)
    if not con.execute("select exists (from raw.messages)").fetchall()[0][0]:
        check_landing_folder(str(landing), listing, source_ids)
    update_source_ids(con, source_ids)
    changes = changes_since_last_run(con, listing.files)
    if prune and changes.vanished:
        con.execute("begin")
        remove_contribution(con, changes.vanished)
        con.execute("commit")
    counts = stage_files(
        con, zone, changes, source_ids, erasure=erasure, scratch=scratch, progress=progress
    )
    settle_duplicates(con)
    return IngestReport(
        files_listed=len(listing.files),
        files_staged=counts.files,
        rows_landed=counts.landed,
        rows_rejected=counts.rejected,
        unreadable=tuple(counts.unreadable),
        vanished=() if prune else tuple(changes.vanished),
        pruned=tuple(changes.vanished) if prune else (),
        passed_over=tuple(listing.passed_over),
    )
