"""Stage landed files into `raw.messages`, a batch of files a transaction."""

import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from ingest.deduplicate import number_messages_without_id
from ingest.erasure import Erasure, erased_names
from ingest.errors import UnreadableFileError
from ingest.json_repair import json_repair
from ingest.layouts.file_sets import FileSet
from ingest.layouts.parquet import parquet_sets
from ingest.layouts.segment_logs import log_sets
from ingest.ledger import LandingChanges, remove_contribution
from ingest.progress import SILENT, Progress
from ingest.sql import statement
from ingest.storage.landing import FetchedFile, LandedFile, LandingZone

log = logging.getLogger(__name__)

BATCH_BYTES = 64 * 1024 * 1024
BATCH_FILES = 500
DOWNLOADS_AT_ONCE = 16


@dataclass(slots=True)
class StagedCounts:
    """What one run staged: files and messages, and the bytes of all that was read."""

    files: int = 0
    landed: int = 0
    rejected: int = 0
    bytes: int = 0
    unreadable: list[str] = field(default_factory=list)


def stage_files(
    con: duckdb.DuckDBPyConnection,
    zone: LandingZone,
    changes: LandingChanges,
    source_ids: Mapping[str, str],
    *,
    erasure: Erasure | None = None,
    scratch: Path | None = None,
    progress: Progress = SILENT,
) -> StagedCounts:
    """Replace what new and changed files had contributed to `raw.messages`.

    Every batch is one transaction or a few: a run that is killed goes on where it was. Which copy
    of a message counts is left unsettled, see `ingest.deduplicate.settle_duplicates`. A file that
    cannot be read contributes nothing and is named in the ledger. `scratch` is where files from
    object storage are kept while they are read. Rows of persons that `erasure` knows are rejected
    and lose their content.
    """
    stage = _Stage(con, zone, source_ids, changes.known_hashes, erasure)
    bytes_to_read = sum(file.size for file in changes.to_read)
    with json_repair(con), erased_names(con, erasure):
        for batch in _batches(changes.to_read):
            with TemporaryDirectory(dir=scratch, prefix="landing-") as folder:
                stage.batch(batch, Path(folder))
            progress.staged(stage.counts.landed, stage.counts.bytes, bytes_to_read)
    return stage.counts


def _batches(files: list[LandedFile]) -> Iterator[list[LandedFile]]:
    """Group files of one layout and event table, up to a number of bytes and of files."""
    batch: list[LandedFile] = []
    size = 0
    for file in sorted(files, key=lambda file: (file.layout, file.table or "", file.path)):
        if batch and (size + file.size > BATCH_BYTES or len(batch) == BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += file.size
    if batch:
        yield batch


class _ReadingError(Exception):
    """The files of a set could not be read, or not be staged as they were read."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(slots=True)
class _Stage:
    con: duckdb.DuckDBPyConnection
    zone: LandingZone
    source_ids: Mapping[str, str]
    known_hashes: Mapping[str, str]
    erasure: Erasure | None
    counts: StagedCounts = field(default_factory=StagedCounts)

    def batch(self, files: list[LandedFile], folder: Path) -> None:
        """Fetch the files of a batch and stage them in sets that one statement can read."""
        fetched = []
        for file, found in zip(files, self._fetch(files, folder), strict=True):
            self.counts.bytes += file.size
            if isinstance(found, UnreadableFileError):
                self._record_unreadable(file, str(found))
            elif self.known_hashes.get(file.path) == found.content_hash:
                self._touch(found)
            else:
                fetched.append(found)
        tables, unreadable = parquet_sets([f for f in fetched if f.file.layout != "s3"])
        for file, reason in unreadable:
            self._record_unreadable(file, reason)
        for alike in (*tables, *log_sets([f for f in fetched if f.file.layout == "s3"])):
            self._stage_or_split(alike)

    def _fetch(
        self, files: list[LandedFile], folder: Path
    ) -> Iterator[FetchedFile | UnreadableFileError]:
        def fetch(numbered: tuple[int, LandedFile]) -> FetchedFile | UnreadableFileError:
            number, file = numbered
            try:
                return self.zone.fetch(file, folder / f"{number}{Path(file.path).suffix}")
            except UnreadableFileError as error:
                return error

        with ThreadPoolExecutor(DOWNLOADS_AT_ONCE if self.zone.is_remote else 1) as pool:
            yield from pool.map(fetch, enumerate(files))

    def _stage_or_split(self, files: FileSet) -> None:
        """Stage a set; when reading fails, split it until the file to blame is alone."""
        self.con.execute("begin")
        try:
            self._stage_set(files)
            self.con.execute("commit")
            return
        except _ReadingError as failed:
            self.con.execute("rollback")
            instead = files.after(self.con, failed.error)
        except BaseException:
            self.con.execute("rollback")
            raise
        if isinstance(instead, str):
            self._record_unreadable(files.files[0].file, instead)
            return
        for part in instead:
            self._stage_or_split(part)

    def _stage_set(self, files: FileSet) -> None:
        paths = [fetched.file.path for fetched in files.files]
        remove_contribution(self.con, paths)
        first_file_id = _value(self.con, "select coalesce(max(file_id), 0) + 1 from raw.files")
        try:
            landed = files.stage(self.con, first_file_id, self.erasure)
        except Exception as error:
            raise _ReadingError(error) from error
        number_messages_without_id(self.con, first_file_id)
        rejects: dict[int, int] = dict(
            self.con.execute(
                "select file_id, count(*) from raw.messages"
                " where reject_reason is not null and file_id >= ? group by file_id",
                [first_file_id],
            ).fetchall()
        )
        for file_id, (fetched, found) in enumerate(
            zip(files.files, landed, strict=True), first_file_id
        ):
            if isinstance(found, UnreadableFileError):
                self._enter(fetched.file, file_id=file_id, error=str(found))
                continue
            self._enter(
                fetched.file,
                file_id=file_id,
                content_hash=fetched.content_hash,
                landed=found,
                rejected=rejects.get(file_id, 0),
            )
            self.counts.files += 1
            self.counts.landed += found
        self.counts.rejected += sum(rejects.values())

    def _touch(self, fetched: FetchedFile) -> None:
        """The same bytes with another date: remember the date."""
        file = fetched.file
        self.con.execute(
            "update raw.files set size = ?, modified_at = ?, etag = ? where path = ?",
            [file.size, file.modified_at, file.etag, file.path],
        )

    def _record_unreadable(self, file: LandedFile, reason: str) -> None:
        self.con.execute("begin")
        remove_contribution(self.con, [file.path])
        file_id = _value(self.con, "select coalesce(max(file_id), 0) + 1 from raw.files")
        self._enter(file, file_id=file_id, error=reason)
        self.con.execute("commit")

    def _enter(
        self,
        file: LandedFile,
        *,
        file_id: int,
        content_hash: str = "",
        landed: int = 0,
        rejected: int = 0,
        error: str | None = None,
    ) -> None:
        if error is not None:
            log.warning("%s was left out: %s", file.path, error)
            self.counts.unreadable.append(f"{file.path}: {error}")
        self.con.execute(
            statement("insert_file"),
            {
                "file_id": file_id,
                "path": file.path,
                "source": file.source,
                "source_id": self.source_ids.get(file.source, file.source),
                "layout": file.layout,
                "size": file.size,
                "modified_at": file.modified_at,
                "etag": file.etag,
                "content_hash": content_hash,
                "landed": landed,
                "rejected": rejected,
                "error": error,
            },
        )


def _value(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(con.execute(sql).fetchall()[0][0])
