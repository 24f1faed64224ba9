"""Stage landed files into `raw.messages`, a batch of files a transaction."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.duplicates import number_messages_without_id
from ingest.landing import LandedFile, content_hash
from ingest.raw_layout import is_raw_layout, staging_select

log = logging.getLogger(__name__)

BATCH_BYTES = 256 * 1024 * 1024
BATCH_FILES = 500


class UnreadableFileError(Exception):
    """The file is no Parquet, is cut short or holds no messages; nothing was changed."""


@dataclass(frozen=True, slots=True)
class ReadableFile:
    """A landed file whose footer was read: its rows, columns (name, DuckDB type) and hash."""

    file: LandedFile
    landed: int
    columns: tuple[tuple[str, str], ...]
    content_hash: str


@dataclass(slots=True)
class StagedCounts:
    """What one run staged."""

    files: int = 0
    landed: int = 0
    rejected: int = 0
    unreadable: int = 0


def stage_files(
    con: duckdb.DuckDBPyConnection,
    landing: Path,
    files: list[LandedFile],
    source_ids: Mapping[str, str],
) -> StagedCounts:
    """Replace what `files` had contributed to `raw.messages` and return what they hold now.

    Every batch is one transaction: a run that is killed between two of them goes on with the rest.
    Which copy of a message counts is left unsettled, see `ingest.duplicates.settle_duplicates`.
    A file that cannot be read contributes nothing and is named in the ledger.
    """
    counts = StagedCounts()
    readable: list[ReadableFile] = []
    for file in files:
        try:
            readable.append(read_footer(landing, file))
        except UnreadableFileError as error:
            _record_unreadable(con, file, str(error), source_ids)
            counts.unreadable += 1
    for batch in _batches(readable):
        _stage_or_split(con, landing, batch, source_ids, counts)
    return counts


def read_footer(landing: Path, file: LandedFile) -> ReadableFile:
    """Read a Parquet file's footer.

    Raises:
        UnreadableFileError: the file is no Parquet, or its columns are not those of the raw layout.
    """
    path = landing / file.path
    try:
        metadata = pq.read_metadata(path)
        schema = metadata.schema.to_arrow_schema()
        digest = content_hash(path)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFileError(f"no readable Parquet file: {_first_line(error)}") from error
    columns = tuple((field.name, _duckdb_type(field.type)) for field in schema)
    if not is_raw_layout(dict(columns)):
        raise UnreadableFileError(
            "no messages in the raw layout: the columns `type` and `messageId` or `receivedAt`"
            " are missing"
        )
    return ReadableFile(file, metadata.num_rows, columns, digest)


def _duckdb_type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP WITH TIME ZONE" if kind.tz else "TIMESTAMP"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "VARCHAR"
    return str(kind)


def _batches(files: list[ReadableFile]) -> Iterator[list[ReadableFile]]:
    """Group files with the same columns, up to a number of bytes and of files a batch."""
    by_columns = sorted(files, key=lambda readable: (readable.columns, readable.file.path))
    for _, alike in groupby(by_columns, key=lambda readable: readable.columns):
        batch: list[ReadableFile] = []
        size = 0
        for readable in alike:
            if batch and (size + readable.file.size > BATCH_BYTES or len(batch) == BATCH_FILES):
                yield batch
                batch, size = [], 0
            batch.append(readable)
            size += readable.file.size
        if batch:
            yield batch


def _stage_or_split(
    con: duckdb.DuckDBPyConnection,
    landing: Path,
    batch: list[ReadableFile],
    source_ids: Mapping[str, str],
    counts: StagedCounts,
) -> None:
    """Stage a batch; when it fails, halve it until the file that cannot be read stands alone."""
    try:
        _stage_batch(con, landing, batch, source_ids, counts)
    except duckdb.Error as error:
        con.execute("rollback")
        if len(batch) == 1:
            file = batch[0].file
            if _can_be_read_to_its_end(con, landing / file.path):
                raise
            reason = _first_line(error).replace(f"{landing}/", "")
            _record_unreadable(con, file, reason, source_ids)
            counts.unreadable += 1
            return
        middle = len(batch) // 2
        _stage_or_split(con, landing, batch[:middle], source_ids, counts)
        _stage_or_split(con, landing, batch[middle:], source_ids, counts)


def _can_be_read_to_its_end(con: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Tell a broken file from a statement that failed for another reason, such as a full disk."""
    try:
        con.execute(
            "select max(hash(file_rows)) from read_parquet($path) as file_rows", {"path": str(path)}
        )
    except duckdb.OutOfMemoryException:
        return True
    except duckdb.Error:
        return False
    return True


def _stage_batch(
    con: duckdb.DuckDBPyConnection,
    landing: Path,
    batch: list[ReadableFile],
    source_ids: Mapping[str, str],
    counts: StagedCounts,
) -> None:
    paths = [readable.file.path for readable in batch]
    con.execute("begin")
    remove_contribution(con, paths)
    first_file_id = con.execute("select coalesce(max(file_id), 0) + 1 from raw.files").fetchall()[
        0
    ][0]
    con.execute(
        "insert into raw.messages " + staging_select(dict(batch[0].columns)),
        {
            "files": [str(landing / path) for path in paths],
            "first_file_id": first_file_id,
            "sources": [readable.file.source for readable in batch],
        },
    )
    number_messages_without_id(con, first_file_id)
    con.executemany(
        """
        insert into raw.files
        select $file_id, $path, $source, $source_id, 'raw', $size, $modified_at, $content_hash,
            $landed, 0, null, true, false, false, false, now() at time zone 'UTC'
        """,
        [
            {
                "file_id": first_file_id + position,
                "path": readable.file.path,
                "source": readable.file.source,
                "source_id": source_ids.get(readable.file.source, readable.file.source),
                "size": readable.file.size,
                "modified_at": readable.file.modified_at,
                "content_hash": readable.content_hash,
                "landed": readable.landed,
            }
            for position, readable in enumerate(batch)
        ],
    )
    rejected = con.execute(
        """
        update raw.files
        set rejected = rejects.rejected
        from (
            select file_id, count(*) as rejected
            from raw.messages
            where reject_reason is not null and file_id >= $first_file_id
            group by file_id
        ) as rejects
        where files.file_id = rejects.file_id
        returning files.rejected
        """,
        {"first_file_id": first_file_id},
    ).fetchall()
    con.execute("commit")
    counts.files += len(batch)
    counts.landed += sum(readable.landed for readable in batch)
    counts.rejected += sum(count for (count,) in rejected)
    log.info("staged %d files", len(batch), extra={"files": counts.files, "rows": counts.landed})


def remove_contribution(con: duckdb.DuckDBPyConnection, paths: list[str]) -> None:
    """Take back what these files contributed; their message ids are unsettled from then on."""
    known = con.execute(
        "select file_id from raw.files where path in (select unnest($paths))", {"paths": paths}
    ).fetchall()
    if not known:
        return
    ids = [file_id for (file_id,) in known]
    con.execute(
        "insert into raw.unsettled_ids select distinct message_id from raw.messages"
        " where file_id in (select unnest($ids))",
        {"ids": ids},
    )
    con.execute("delete from raw.messages where file_id in (select unnest($ids))", {"ids": ids})
    con.execute("delete from raw.files where file_id in (select unnest($ids))", {"ids": ids})


def _record_unreadable(
    con: duckdb.DuckDBPyConnection, file: LandedFile, reason: str, source_ids: Mapping[str, str]
) -> None:
    log.warning("%s was left out: %s", file.path, reason)
    con.execute("begin")
    remove_contribution(con, [file.path])
    con.execute(
        """
        insert into raw.files
        select coalesce(max(file_id), 0) + 1, $path, $source, $source_id, 'unknown', $size,
            $modified_at, '', 0, 0, $error, true, false, false, false,
            now() at time zone 'UTC'
        from raw.files
        """,
        {
            "path": file.path,
            "source": file.source,
            "source_id": source_ids.get(file.source, file.source),
            "size": file.size,
            "modified_at": file.modified_at,
            "error": reason,
        },
    )
    con.execute("commit")


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
