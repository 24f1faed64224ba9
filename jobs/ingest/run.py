"""The first step of the night: stage what is new, and refuse to publish what is mostly broken."""

from dataclasses import replace

import duckdb

from ingest.deduplicate import settle_duplicates
from ingest.erasure import ERASED
from ingest.errors import LandingError, LandingFolderError
from ingest.layouts.crm import ingest_crm
from ingest.layouts.crm_files import CrmFilesError
from ingest.ledger import create_raw_tables
from ingest.progress import Progress, silent
from ingest.run import IngestReport, ingest_landing
from jobs.config import Settings
from jobs.config.document import read_document
from jobs.errors import JobError, UsageError
from jobs.ingest.crm import crm_error, crm_files
from jobs.ingest.tombstones import current_erasure
from jobs.warehouse import open_warehouse, temp_folder

SHOWN = 3
"""Paths of one kind that a remark names."""


class WrongLandingError(UsageError):
    """`landing` names a folder that is not a landing zone; nothing was read or written."""


class RejectShareError(JobError):
    """Too much of a new file was rejected to publish what is left of it."""


def ingest(
    settings: Settings,
    *,
    full_refresh: bool = False,
    prune: bool = False,
    progress: Progress = silent,
) -> IngestReport:
    """Stage what is new in the landing zone; `prune` takes back what vanished files had given.

    The CRM comes first: what is wrong with its files is a mistake in the configuration.

    Raises:
        CrmError: a file of the CRM is missing, broken or lacks a column; nothing was changed.
        WrongLandingError: `landing` names a folder that is not a landing zone.
        JobError: the landing zone cannot be listed, erased persons could not be kept out, or a
            statement failed.
    """
    try:
        with open_warehouse(settings) as con:
            erasure = current_erasure(settings, con)
            crm = ingest_crm(con, crm_files(settings), erasure)
            report = ingest_landing(
                con,
                settings.landing,
                source_ids(settings),
                prune=prune,
                erasure=erasure,
                scratch=temp_folder(settings),
                progress=progress,
            )
            if full_refresh:
                settle_duplicates(con, everything=True)
        return replace(report, crm=crm)
    except CrmFilesError as error:
        raise crm_error(settings, error) from error
    except LandingFolderError as error:
        problem = read_document(settings.file).problem(("landing",), str(error))
        raise WrongLandingError(str(problem)) from error
    except LandingError as error:
        raise JobError(str(error)) from error
    except duckdb.Error as error:
        raise JobError(
            f"Staging into {settings.warehouse} failed ({str(error).splitlines()[0]});"
            " free the space it names or raise `resources.memory_limit`, then run again."
        ) from error


def remarks(report: IngestReport) -> list[str]:
    """Return what an operator should know of an ingest beyond its figures, a sentence each."""
    said = [f"Not read: {reason}" for reason in report.unreadable]
    for what, paths in (
        ("Vanished, rows kept until `lift ingest --prune`", report.vanished),
        ("Vanished, rows taken back", report.pruned),
        ("Passed over, as they fit no layout", report.passed_over),
    ):
        if paths:
            more = f" and {len(paths) - SHOWN:,} more" if len(paths) > SHOWN else ""
            said.append(f"{what}: {', '.join(paths[:SHOWN])}{more}")
    said += [
        f"Read anew: {read.path}, {read.rows:,} {read.object} rows, of which"
        f" {read.rows_without_email:,} without an email are left out"
        + (f", and {read.rows_erased:,} of erased persons" if read.rows_erased else "")
        for read in report.crm
    ]
    return said


def source_ids(settings: Settings) -> dict[str, str]:
    """Return the source id of every landing folder the configuration knows, by key or by id."""
    ids = {key: settings.source_id(key) for key in settings.sources}
    return ids | {source_id: source_id for source_id in ids.values()}


def check_reject_share(settings: Settings, *, built_only: bool = False) -> None:
    """Stop before a publication when too many rows of a file first seen since the last one are bad.

    With `built_only`, look only at the files that the models have read. Rows of erased persons do
    not count: they are kept out as they should be.

    Raises:
        RejectShareError: names the worst file.
    """
    share = settings.quality.max_rejected_share
    with open_warehouse(settings) as con:
        create_raw_tables(con)
        worst = con.execute(
            """
            with erased_rows as (
                select file_id, count(*) as erased
                from raw.messages
                where reject_reason = $erased
                group by file_id
            ),

            judged_files as (
                select
                    files.* exclude (rejected),
                    files.rejected - coalesce(erased_rows.erased, 0) as rejected
                from raw.files as files
                left join erased_rows on files.file_id = erased_rows.file_id
            )

            select path, rejected, landed
            from judged_files
            where not is_published
                and not is_accepted
                and (is_built or not $built_only)
                and rejected > landed * $share
            order by rejected / landed desc, path
            limit 1
            """,
            {"erased": ERASED, "share": share, "built_only": built_only},
        ).fetchall()
    if worst:
        path, rejected, landed = worst[0]
        raise RejectShareError(
            f"{path}: {rejected:,} of {landed:,} rows were rejected, more than"
            f" quality.max_rejected_share ({share:.1%}); mend the file, or run"
            f" `lift ingest --accept {path}`."
        )


def accept_file(settings: Settings, path: str) -> None:
    """Let a file pass the check on rejected rows.

    Raises:
        JobError: the ledger knows no such file.
    """
    with open_warehouse(settings) as con:
        accepted = con.execute(
            "update raw.files set is_accepted = true where path = ? returning path", [path]
        ).fetchall()
    if not accepted:
        raise JobError(
            f"{path} is not in the ledger; give its path below the landing zone, as the message"
            " about it does."
        )
