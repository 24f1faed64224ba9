"""Erase persons: remove what is theirs, rebuild everything derived from it, and keep them out.

An erasure may be interrupted anywhere. The tombstones are written first: from then on no file
brings the person back. Then the warehouse and the segment changes are rewritten beside the old
files and replace them. At last everything derived from the warehouse is deleted or rebuilt: dbt's
logs and target, temporary files, models, publication, earlier publications, exports. Every step
can be repeated: after a crash, the same command with the same ids finishes the work, and until then
no new file holds a part of it.
"""

import secrets
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
from jobs.erase.rewrite import BURY, EmptiedFile, count_erased, rewrite_warehouse
from jobs.errors import JobError, UsageError
from jobs.export.run import check_formats, export_folder, export_marts
from jobs.files import OwnFiles, remove_database
from jobs.ingest.run import check_reject_share
from jobs.ingest.tombstones import KEY_BYTES, begin_erasure, current_erasure, identity_rules
from jobs.publication import published_file
from jobs.publish.generations import list_publications, remove_generations
from jobs.publish.run import publish
from jobs.report.run import report_index
from jobs.segment_sync.files import erase_from_segment_files
from jobs.sql_files import read_sql
from jobs.warehouse import Warehouse, marts_file, open_marts, open_warehouse, run_lock
from jobs.words import printable

IDENTIFIERS = read_sql(__file__, "identifiers")


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


def erase(
    settings: Settings,
    user_ids: Sequence[str],
    *,
    unseen: bool = False,
    progress: Progress = SILENT,
) -> Receipt:
    """Remove the persons of these user ids everywhere, and keep them out from now on.

    With `unseen`, an id that is found nowhere is kept out all the same.

    Raises:
        UsageError: an id is found nowhere and was not erased before; nothing was changed.
        LockedError: another run holds the lock.
        JobError: a step failed; the same command finishes the work.
    """
    check_formats(settings)
    warehouse = Warehouse.of(settings)
    with run_lock(settings, "lift erase"):
        _bring_identities_up_to_date(settings, progress)
        progress.step("erase")
        with open_marts(settings) as con:
            found = _find(settings, con, user_ids, unseen=unseen)
            erasure = begin_erasure(settings, con)
            con.execute(BURY, found.tombstones(erasure))
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
        OwnFiles(report_index(settings).parent).remove_all_but()
        progress.step("export")
        exported = export_marts(settings)
    return found.receipt(files, generations, published.path, exported.folder)


def preview(settings: Settings, user_ids: Sequence[str], *, unseen: bool = False) -> Receipt:
    """Return the receipt that `erase` would give; nothing is changed.

    Raises:
        UsageError: an id is found nowhere and was not erased before.
        LockedError: another run holds the lock.
        JobError: the models are not current, so it is not known which identifiers are theirs.
    """
    _need_warehouse(settings)
    with run_lock(settings, "lift erase --dry-run"):
        with open_warehouse(settings) as con:
            if not is_current(settings, con):
                raise JobError(
                    "Files were staged or lift.yml was changed since the last build, so the"
                    " identifiers of a person are not known; run `lift build` first."
                )
        with open_marts(settings) as con:
            found = _find(settings, con, user_ids, unseen=unseen)
            erasure = current_erasure(settings, con) or Erasure(
                secrets.token_bytes(KEY_BYTES), identity_rules(settings)
            )
        files = count_erased(Warehouse.of(settings), erasure, found.tombstones(erasure))
    return found.receipt(
        files,
        min(len(list_publications(settings)), settings.publication.keep),
        published_file(settings),
        export_folder(settings),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known of user ids: the identifiers of their persons, and who was erased before."""

    user_ids: tuple[str, ...]
    identifiers: tuple[Identifier, ...]
    erased_before: tuple[str, ...]

    @property
    def owned(self) -> set[tuple[str, str]]:
        """The identifiers that tie messages to the persons, each once."""
        return {
            (each.id_type, each.id_value)
            for each in self.identifiers
            if each.id_type not in ("message_id", CRM_EMAIL)
        }

    @property
    def unknown_ids(self) -> tuple[str, ...]:
        """The user ids that nobody has."""
        owned = self.owned
        return tuple(each for each in self.user_ids if ("user_id", each) not in owned)

    def tombstones(self, erasure: Erasure) -> dict[str, list[object]]:
        """Return the tombstones as the parameters of `bury`."""
        tombstones = {(erasure.hash("user_id", each), None, None) for each in self.user_ids} | {
            (erasure.hash(each.id_type, each.id_value), each.owned_from, each.owned_to)
            for each in self.identifiers
        }
        digests, starts, ends = (list(column) for column in zip(*tombstones, strict=True))
        return {"digests": digests, "starts": starts, "ends": ends}

    def receipt(
        self, files: Iterable[EmptiedFile], generations: int, publication: Path, exports: Path
    ) -> Receipt:
        return Receipt(
            user_ids=self.user_ids,
            unknown_ids=self.unknown_ids,
            erased_before=self.erased_before,
            identifiers=dict(Counter(id_type for id_type, _ in self.owned)),
            generations=generations,
            publication=publication,
            exports=exports,
            files=tuple(file for file in files if file.is_now or self.erased_before),
        )


def _find(
    settings: Settings, con: duckdb.DuckDBPyConnection, user_ids: Sequence[str], *, unseen: bool
) -> _Found:
    """Return what is known of the user ids.

    Raises:
        UsageError: an id is found nowhere, was not erased before, and `unseen` is false.
    """
    create_raw_tables(con)
    parameters = {"user_ids": list(user_ids), "crm_email": CRM_EMAIL}
    rows = con.execute(IDENTIFIERS, parameters).fetchall()
    erasure = current_erasure(settings, con)
    buried = con.execute("select identifier_hash from raw.tombstones").fetchall()
    erased_before = tuple(
        each for each in user_ids if erasure and (erasure.hash("user_id", each),) in buried
    )
    found = _Found(tuple(user_ids), tuple(Identifier(*row) for row in rows), erased_before)
    unknown = [each for each in found.unknown_ids if each not in erased_before]
    if unknown and not unseen:
        raise UsageError(
            f"No message has the user id {', '.join(map(printable, unknown))}, so nothing was"
            " erased; correct it, or keep it out from now on with --unseen."
        )
    return found


def _need_warehouse(settings: Settings) -> None:
    if not settings.warehouse.exists():
        raise JobError(
            f"{settings.warehouse} does not exist, so there is nothing to erase from;"
            " run `lift nightly` first."
        )


def _bring_identities_up_to_date(settings: Settings, progress: Progress) -> None:
    """Build the models unless they are current: the identity graph finds the person's identifiers.

    Whatever would stop the publication at the end stops the erasure here, before it begins.
    """
    _need_warehouse(settings)
    with open_warehouse(settings) as con:
        current_erasure(settings, con)
        is_up_to_date = is_current(settings, con)
    check_reject_share(settings)
    if not is_up_to_date:
        progress.step("build")
        build_models(settings, progress=progress)


def _remove_folder(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
