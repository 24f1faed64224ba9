"""Landed Parquet files, in the raw layout or as a data lake: their columns, and staging them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.columns import Columns, collide_by_case, holds_collision
from ingest.data_lakes import is_data_lake, lake_rows
from ingest.erasure import Erasure, insert_messages
from ingest.json_repair import known_shapes
from ingest.landing import NO_ROWS, FetchedFile, LandedFile, UnreadableFileError
from ingest.raw_layout import is_raw_layout, raw_rows, used_columns
from ingest.rows import LONG_FIELDS, OBJECT_FIELDS, Relation, messages_select

ARROW_ROWS = 50_000
SAMPLE_ROWS = 5_000

LANDED_PARQUET = Relation(
    "read_parquet($files, hive_partitioning = false)",
    "($first_file_id + file_index)::integer",
    "file_row_number + 1",
    "$sources[file_index::bigint + 1]",
)
# Names that no column of a file has.
LANDED_ARROW = Relation("landed_arrow", '"lift:file_id"', '"lift:row_number"', '"lift:source"')


@dataclass(frozen=True, slots=True)
class ParquetSet:
    """Files of one layout and event table with the same columns: one statement stages them.

    `through_arrow` reads a single file without DuckDB's reader, which renames names that differ by
    case alone and gives a file up for one text that is no UTF-8.
    """

    files: tuple[FetchedFile, ...]
    rows: tuple[int, ...]
    columns: tuple[tuple[str, pa.DataType], ...]
    through_arrow: bool = False

    def stage(
        self, con: duckdb.DuckDBPyConnection, first_file_id: int, erasure: Erasure | None
    ) -> list[int | UnreadableFileError]:
        """Insert the rows of the files, numbered from `first_file_id`; return the rows of each."""
        if self.through_arrow:
            for batch in self._arrow_batches(con, first_file_id):
                con.register("landed_arrow", batch)
                columns = {field.name: field.type for field in batch.schema}
                landed = self._landed_rows(columns, LANDED_ARROW)
                insert_messages(con, messages_select(landed), {"known_shapes": []}, erasure)
                con.unregister("landed_arrow")
        else:
            landed = self._landed_rows(dict(self.columns), LANDED_PARQUET)
            files = [without_wildcards(fetched.local) for fetched in self.files]
            parameters = {
                "files": files,
                "first_file_id": first_file_id,
                "sources": [fetched.file.source for fetched in self.files],
            }
            sample = f"(with {landed} select * from landed_rows limit {SAMPLE_ROWS})"
            texts = {name: name in LONG_FIELDS for name in OBJECT_FIELDS}
            shapes = known_shapes(con, sample, texts, parameters | {"files": files[:1]})
            parameters |= {"known_shapes": shapes}
            insert_messages(con, messages_select(landed), parameters, erasure)
        return list(self.rows)

    def after(
        self, con: duckdb.DuckDBPyConnection, error: duckdb.Error
    ) -> "list[ParquetSet] | str":
        """Return smaller sets of the same files, or another way to read the only one, or why not.

        Raises:
            duckdb.Error: the file can be read to its end, so something else is wrong.
        """
        if len(self.files) > 1:
            middle = len(self.files) // 2
            return [
                ParquetSet(self.files[part], self.rows[part], self.columns)
                for part in (slice(middle), slice(middle, None))
            ]
        file = self.files[0]
        if not self.through_arrow and "not valid UTF8" in str(error):
            return [ParquetSet(self.files, self.rows, self.columns, through_arrow=True)]
        if _can_be_read_to_its_end(con, file.local):
            raise error
        return f"no readable Parquet file: {first_line(error)}".replace(
            str(file.local), file.file.path
        )

    def _landed_rows(self, columns: Columns, relation: Relation) -> str:
        file = self.files[0].file
        if file.layout == "raw":
            return raw_rows(columns, relation)
        return lake_rows(columns, relation, file.table or "")

    def _arrow_batches(
        self, con: duckdb.DuckDBPyConnection, first_file_id: int
    ) -> Iterator[pa.Table]:
        fetched = self.files[0]
        columns = dict(self.columns)
        wanted = used_columns(columns) if fetched.file.layout == "raw" else list(columns)
        row = 1
        for batch in pq.ParquetFile(fetched.local).iter_batches(ARROW_ROWS, columns=wanted):
            rows = pa.array(range(row, row + len(batch)), pa.int64())
            row += len(batch)
            members = {
                name: _without_validation(con, batch.column(name)) for name in batch.schema.names
            }
            yield pa.table(
                members
                | {
                    "lift:file_id": pa.repeat(pa.scalar(first_file_id, pa.int32()), len(batch)),
                    "lift:row_number": rows,
                    "lift:source": pa.repeat(fetched.file.source, len(batch)),
                }
            )


def parquet_sets(
    files: list[FetchedFile],
) -> tuple[list[ParquetSet], list[tuple[LandedFile, str]]]:
    """Group files that one statement can read, and name those that hold no messages."""
    read: list[tuple[Any, FetchedFile, int]] = []
    unreadable = []
    for fetched in files:
        try:
            rows, columns = read_footer(fetched)
        except UnreadableFileError as error:
            unreadable.append((fetched.file, str(error)))
            continue
        through_arrow = _needs_arrow(columns)
        alone = fetched.file.path if through_arrow else ""
        key = (fetched.file.layout, fetched.file.table or "", alone, columns)
        read.append((key, fetched, rows))
    read.sort(key=lambda found: (*found[0][:3], str(found[0][3]), found[1].file.path))
    sets = []
    for (_, _, alone, columns), found in groupby(read, key=lambda found: found[0]):
        group = list(found)
        sets.append(
            ParquetSet(
                tuple(fetched for _, fetched, _ in group),
                tuple(rows for _, _, rows in group),
                columns,
                through_arrow=bool(alone),
            )
        )
    return sets, unreadable


def read_footer(fetched: FetchedFile) -> tuple[int, tuple[tuple[str, pa.DataType], ...]]:
    """Read a Parquet file's footer: its rows, and its columns with their types.

    Raises:
        UnreadableFileError: the file is no Parquet, or its columns are not those of its layout.
    """
    try:
        metadata = pq.read_metadata(fetched.local)
        schema = metadata.schema.to_arrow_schema()
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFileError(f"no readable Parquet file: {first_line(error)}") from error
    if metadata.num_rows == 0:
        raise UnreadableFileError(NO_ROWS)
    columns = tuple((field.name, field.type) for field in schema)
    if fetched.file.layout == "raw" and not is_raw_layout(dict(columns)):
        raise UnreadableFileError(
            "no messages in the raw layout: the columns `type` and `messageId` or `receivedAt`"
            " are missing"
        )
    if fetched.file.layout == "data-lakes" and not is_data_lake(dict(columns)):
        raise UnreadableFileError(
            "no messages of a data lake: the columns `message_id` and `received_at` or `timestamp`"
            " are missing"
        )
    return metadata.num_rows, columns


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, or its name where it has none."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def without_wildcards(path: Path) -> str:
    """Return a path as DuckDB reads it: of its patterns a class of one character is itself."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def _needs_arrow(columns: tuple[tuple[str, pa.DataType], ...]) -> bool:
    return collide_by_case(name for name, _ in columns) or any(
        holds_collision(kind) for _, kind in columns
    )


def _without_validation(con: duckdb.DuckDBPyConnection, column: pa.Array) -> pa.Array:
    """Text as bytes, which are decoded one by one, and objects with colliding keys as JSON text."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type):
        return column.view(pa.binary())
    if pa.types.is_large_string(column.type):
        return column.view(pa.large_binary())
    if holds_collision(column.type):
        written = pl.Series(pl.from_arrow(column)).struct.json_encode()
        con.register("objects_written", pa.table({"object": written.to_arrow()}))
        stripped = con.sql("select json_strip_nulls(object) from objects_written")
        return stripped.to_arrow_table().column(0).combine_chunks()
    return column


def _can_be_read_to_its_end(con: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Tell a broken file from a statement that failed for another reason, such as a full disk."""
    try:
        con.execute(
            "select max(hash(file_rows)) from read_parquet($path) as file_rows",
            {"path": without_wildcards(path)},
        ).fetchall()
    except duckdb.OutOfMemoryException:
        return True
    except duckdb.Error:
        return False
    return True
