"""Stage the landing zone, and stop the publication of files that are mostly rejected."""

from dataclasses import replace

import duckdb

from ingest.deduplicate import settle_duplicates
from ingest.erasure import ERASED
from ingest.error_text import first_line
from ingest.errors import LandingError, LandingFolderError
from ingest.layouts.crm import ingest_crm
from ingest.layouts.crm_files import CrmFilesError
from ingest.ledger import create_raw_tables
from ingest.progress import SILENT, Progress
from ingest.run import IngestReport, ingest_landing
from jobs.config import Settings
from jobs.config.document import read_document
from jobs.errors import JobError, UsageError
from jobs.ingest.crm import crm_error, crm_files
from jobs.ingest.tombstones import current_erasure
from jobs.sql_files import read_sql
from jobs.warehouse import Warehouse

SHOWN = 3
"""How many paths a remark names."""


class WrongLandingError(UsageError):
    """`landing` names a folder that is not a landing zone; nothing was read or written."""


class RejectShareError(JobError):
    """Too many rows of a new file were rejected to publish the rest of it."""


def ingest(
    settings: Settings,
    *,
    full_refresh: bool = False,
    prune: bool = False,
    progress: Progress = SILENT,
) -> IngestReport:
    """Stage what is new in the landing zone; `prune` removes the rows of files that vanished.

    The CRM comes first: a mistake in its files is a mistake in the configuration.

    Raises:
        CrmError: a file of the CRM is missing, broken or lacks a column; nothing was changed.
        WrongLandingError: `landing` names a folder that is not a landing zone.
        JobError: the landing zone cannot be listed, the key of the tombstones is missing, or a
            statement failed.
    """
    warehouse = Warehouse.of(settings)
    try:
        with warehouse.open() as con:
            erasure = current_erasure(settings, con)
            crm = ingest_crm(con, crm_files(settings), erasure)
            report = ingest_landing(
                con,
                settings.landing,
                source_ids(settings),
                prune=prune,
                erasure=erasure,
                scratch=warehouse.temp,
                progress=progress,
            )
            if full_refresh:
                settle_duplicates(con, everything=True)
        return replace(report, crm=crm)
    except CrmFilesError as error:
        raise crm_error(settings, error) from error
    except LandingFolderError as error:
        problem = read_document(settings.file).problem(("landing",), f"is invalid: {error}")
        raise WrongLandingError(str(problem)) from error
    except LandingError as error:
        raise JobError(str(error)) from error
    except duckdb.Error as error:
        raise JobError(
            f"Staging into {settings.warehouse} failed ({first_line(error)});"
            " free the space it names or raise `resources.memory_limit`, then run again."
        ) from error


def remarks(report: IngestReport) -> list[str]:
    """Return what an operator should know of an ingest beyond its figures, one sentence each."""
    listed = {
        "Vanished; their rows stay until `lift ingest --prune`": report.vanished,
        "Vanished; their rows were removed": report.pruned,
        "Skipped, because they fit no layout": report.passed_over,
    }
    return [
        *(f"Not read: {why}" for why in report.unreadable),
        *(
            f"{what}: {', '.join(paths[:SHOWN])}"
            + (f" and {len(paths) - SHOWN:,} more" if len(paths) > SHOWN else "")
            for what, paths in listed.items()
            if paths
        ),
        *(
            f"Read: {read.path}, {read.rows:,} {read.object} rows, of which"
            f" {read.rows_without_email:,} without an email are left out"
            + (f", and {read.rows_erased:,} of erased persons" if read.rows_erased else "")
            for read in report.crm
        ),
    ]


def source_ids(settings: Settings) -> dict[str, str]:
    """Return the source id of every configured landing folder, by key and by id."""
    ids = {key: settings.source_id(key) for key in settings.sources}
    return ids | {source_id: source_id for source_id in ids.values()}


def check_reject_share(settings: Settings, *, built_only: bool = False) -> None:
    """Stop before a publication if too many rows of an unpublished file were rejected.

    `built_only` checks only the files that the models have read. Rows of erased persons do not
    count: they were rejected on purpose.

    Raises:
        RejectShareError: names the worst file.
    """
    share = settings.quality.max_rejected_share
    with Warehouse.of(settings).open() as con:
        create_raw_tables(con)
        worst = con.execute(
            read_sql(__file__, "worst_file"),
            {"erased": ERASED, "share": share, "built_only": built_only},
        ).fetchall()
    if worst:
        path, rejected, landed = worst[0]
        raise RejectShareError(
            f"{path}: {rejected:,} of {landed:,} rows were rejected, more than"
            f" quality.max_rejected_share ({share:.1%}); correct the file, or run"
            f" `lift ingest --accept {path}`."
        )


def accept_file(settings: Settings, path: str) -> None:
    """Let a file pass the check on rejected rows.

    Raises:
        JobError: the ledger does not have the file.
    """
    with Warehouse.of(settings).open() as con:
        accepted = con.execute(
            "update raw.files set is_accepted = true where path = ? returning path", [path]
        ).fetchall()
    if not accepted:
        raise JobError(
            f"{path} is not in the ledger; give its path inside the landing zone, as the error"
            " message prints it."
        )
