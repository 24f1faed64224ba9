"""Erase persons: remove what is theirs, rebuild everything derived from it, and keep them out.

An erasure may be interrupted anywhere. The tombstones are written first: from then on no file
brings the person back. Then the warehouse and the segment changes are rewritten beside the old
files and replace them. At last everything derived from the warehouse is deleted or rebuilt: dbt's
logs and target, temporary files, models, publication, earlier publications, exports. Every step
can be repeated: after a crash, the same command with the same ids finishes the work, and until then
no new file holds a part of it.
"""

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingest.erasure import CRM_EMAIL, Erasure
from ingest.ledger import create_raw_tables
from ingest.progress import SILENT, Progress
from jobs.build.run import build_models, dbt_folder, is_current
from jobs.config import Settings
from jobs.erase.rewrite import EmptiedFile, rewrite_warehouse
from jobs.errors import JobError, UsageError
from jobs.export.run import check_formats, export_marts
from jobs.files import remove_database
from jobs.ingest.run import check_reject_share
from jobs.ingest.tombstones import begin_erasure, current_erasure
from jobs.publish.generations import remove_generations
from jobs.publish.run import publish
from jobs.report.run import make_report, remove_report
from jobs.segment_sync.files import erase_from_segment_files
from jobs.sql_files import read_sql
from jobs.warehouse import Warehouse, marts_file, open_marts, open_warehouse, run_lock

IDENTIFIERS = read_sql(__file__, "identifiers")
BURY = read_sql(__file__, "bury")


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier of a person or message, and the interval of ownership; None is open."""

    id_type: str
    id_value: str
    owned_from: datetime | None
    owned_to: datetime | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erasure removed. It is printed and written nowhere.

    `unknown_ids` are user ids that nobody had; `erased_before` are those with a tombstone already.
    `files` of the operator still hold rows of the persons.
    """

    user_ids: tuple[str, ...]
    unknown_ids: tuple[str, ...]
    erased_before: tuple[str, ...]
    identifiers: dict[str, int]
    generations: int
    publication: Path
    exports: Path
    files: tuple[EmptiedFile, ...]

    def paths(self, *, is_crm: bool, is_now: bool) -> list[str]:
        """Return the landing or CRM files that name these persons, or those erased earlier."""
        return [file.path for file in self.files if file.is_crm == is_crm and file.is_now == is_now]


def read_user_ids(user_ids: Iterable[str], file: Path | None) -> list[str]:
    """Return the ids given one by one and those of a file, one per line, each once.

    Raises:
        UsageError: the file cannot be read, or no id was given.
    """
    found = list(user_ids)
    if file is not None:
        try:
            found += file.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"{file} cannot be read as text ({error}); give a file with one user id per line."
            ) from error
    found = list(dict.fromkeys(user_id.strip() for user_id in found if user_id.strip()))
    if not found:
        raise UsageError(
            f"{file or 'The command line'} has no user id;"
            " use --user-id ID, or --from FILE with one user id per line."
        )
    return found


def erase(settings: Settings, user_ids: Sequence[str], *, progress: Progress = SILENT) -> Receipt:
    """Remove the persons of these user ids everywhere, and keep them out from now on.

    Raises:
        LockedError: another run holds the lock.
        JobError: a step failed; the same command finishes the work.
    """
    check_formats(settings)
    warehouse = Warehouse.of(settings)
    with run_lock(settings, "lift erase"):
        _bring_identities_up_to_date(settings, progress)
        progress.step("erase")
        with open_marts(settings) as con:
            create_raw_tables(con)
            erasure = begin_erasure(settings, con)
            identifiers = [
                Identifier(*row)
                for row in con.execute(
                    IDENTIFIERS, {"user_ids": list(user_ids), "crm_email": CRM_EMAIL}
                ).fetchall()
            ]
            erased_before = _bury(con, erasure, identifiers, user_ids)
        files = rewrite_warehouse(warehouse, erasure)
        remove_database(marts_file(settings))
        erase_from_segment_files(settings, erasure)
        # Not the whole folder: it may hold somebody's own dbt project.
        for folder in ("target", "logs"):
            _remove_folder(dbt_folder(settings) / folder)
        _remove_folder(warehouse.temp)
        run_id = f"erasure-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        progress.step("build")
        build_models(settings, full_refresh=True, run_id=run_id, progress=progress)
        progress.step("publish")
        published = publish(settings)
        generations = remove_generations(settings)
        remove_report(settings)
        progress.step("export")
        exported = export_marts(settings)
        progress.step("report")
        make_report(settings)
    owned = {
        (each.id_type, each.id_value)
        for each in identifiers
        if each.id_type not in ("message_id", CRM_EMAIL)
    }
    return Receipt(
        user_ids=tuple(user_ids),
        unknown_ids=tuple(each for each in user_ids if ("user_id", each) not in owned),
        erased_before=erased_before,
        identifiers=dict(Counter(id_type for id_type, _ in owned)),
        generations=generations,
        publication=published.path,
        exports=exported.folder,
        files=tuple(file for file in files if file.is_now or erased_before),
    )


def _bring_identities_up_to_date(settings: Settings, progress: Progress) -> None:
    """Build the models unless they are current: the identity graph finds the person's identifiers.

    Whatever would stop the publication at the end stops the erasure here, before it begins.
    """
    if not settings.warehouse.exists():
        raise JobError(
            f"{settings.warehouse} does not exist, so there is nothing to erase from;"
            " run `lift nightly` first."
        )
    with open_warehouse(settings) as con:
        current_erasure(settings, con)
        is_up_to_date = is_current(settings, con)
    check_reject_share(settings)
    if not is_up_to_date:
        progress.step("build")
        build_models(settings, progress=progress)


def _bury(
    con: duckdb.DuckDBPyConnection,
    erasure: Erasure,
    identifiers: Iterable[Identifier],
    user_ids: Sequence[str],
) -> tuple[str, ...]:
    """Write the missing tombstones; return the user ids that had one before."""
    hashes = {user_id: erasure.hash("user_id", user_id) for user_id in user_ids}
    buried = {
        found for (found,) in con.execute("select identifier_hash from raw.tombstones").fetchall()
    }
    tombstones = {(digest, None, None) for digest in hashes.values()} | {
        (erasure.hash(each.id_type, each.id_value), each.owned_from, each.owned_to)
        for each in identifiers
    }
    digests, starts, ends = (list(column) for column in zip(*tombstones, strict=True))
    con.execute(BURY, {"digests": digests, "starts": starts, "ends": ends})
    return tuple(user_id for user_id, digest in hashes.items() if digest in buried)


def _remove_folder(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
