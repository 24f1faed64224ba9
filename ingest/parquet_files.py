"""Landed Parquet files, in the raw layout or as a data lake: their columns, and staging them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.broken_text import undecodable_rows, without_rows, without_validation
from ingest.columns import Columns, numbered, repeated_names
from ingest.data_lakes import is_data_lake, lake_rows
from ingest.erasure import Erasure, insert_messages
from ingest.json_repair import known_shapes
from ingest.landing import NO_ROWS, FetchedFile, LandedFile, UnreadableFileError
from ingest.raw_layout import is_raw_layout, raw_rows, used_columns
from ingest.rows import OBJECT_FIELDS, Relation, messages_select
from ingest.unreadable import speaks_of_this_machine, why_unreadable

ARROW_ROWS = 50_000
SAMPLE_ROWS = 5_000

LANDED_ARROW = Relation("landed_arrow", "file_id", "row_number", "source", "is_undecodable")


@dataclass(frozen=True, slots=True)
class ParquetSet:
    """Files of one layout and event table with the same columns: one statement stages them.

    `through_arrow` reads a single file without DuckDB's reader, which gives a file up for one text
    that is not UTF-8.
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
            for batch, columns in self._arrow_batches(first_file_id):
                con.register("landed_arrow", batch)
                landed = self._landed_rows(columns, LANDED_ARROW)
                insert_messages(con, messages_select(landed), {"known_shapes": []}, erasure)
                con.unregister("landed_arrow")
        else:
            columns = numbered(self.columns)
            landed = self._landed_rows(columns, _landed_parquet(columns))
            files = [without_wildcards(fetched.local) for fetched in self.files]
            parameters = {
                "files": files,
                "first_file_id": first_file_id,
                "sources": [fetched.file.source for fetched in self.files],
            }
            sample = f"(with {landed} select * from landed_rows limit {SAMPLE_ROWS})"
            shapes = known_shapes(con, sample, OBJECT_FIELDS, parameters | {"files": files[:1]})
            parameters |= {"known_shapes": shapes}
            insert_messages(con, messages_select(landed), parameters, erasure)
        return list(self.rows)

    def after(self, con: duckdb.DuckDBPyConnection, error: Exception) -> "list[ParquetSet] | str":
        """Return smaller sets of the same files, or another way to read the only one, or why not.

        Raises:
            Exception: the error itself, when it speaks of this machine and not of a file.
        """
        is_unread = isinstance(error, duckdb.IOException) and not all(
            _can_be_read_to_its_end(con, fetched.local) for fetched in self.files
        )
        if speaks_of_this_machine(error) and not is_unread:
            raise error
        why = why_unreadable(error, "Parquet")
        if len(self.files) > 1:
            middle = len(self.files) // 2
            return [
                ParquetSet(self.files[part], self.rows[part], self.columns)
                for part in (slice(middle), slice(middle, None))
            ]
        # DuckDB checks text, but not JSON, which it repeats in an error that is not UTF-8 either:
        # Python cannot decode it, or is left with an error that says nothing.
        is_silent = isinstance(error, duckdb.Error) and not str(error).strip()
        is_text_broken = (
            is_silent or "not valid UTF8" in why or isinstance(error, UnicodeDecodeError)
        )
        if is_text_broken and not self.through_arrow:
            return [replace(self, through_arrow=True)]
        return why.replace(str(self.files[0].local), self.files[0].file.path)

    def _landed_rows(self, columns: Columns, relation: Relation) -> str:
        file = self.files[0].file
        if file.layout == "raw":
            return raw_rows(columns, relation)
        return lake_rows(columns, relation, file.table or "")

    def _arrow_batches(self, first_file_id: int) -> Iterator[tuple[pa.Table, Columns]]:
        """Yield the rows of the only file in batches, and what their columns are called there."""
        fetched = self.files[0]
        wanted = _used(fetched.file, (name for name, _ in self.columns))
        row = 1
        for batch in pq.ParquetFile(fetched.local).iter_batches(ARROW_ROWS, columns=wanted):
            length = len(batch)
            broken = {row for name in wanted for row in undecodable_rows(batch.column(name))}
            found = [
                (name, without_validation(without_rows(batch.column(name), broken)))
                for name in wanted
            ]
            columns = numbered((name, values.type) for name, values in found)
            members = {
                column.sql: values
                for column, (_, values) in zip(columns.values(), found, strict=True)
            }
            places = {
                "file_id": pa.repeat(pa.scalar(first_file_id, pa.int32()), length),
                "row_number": pa.array(range(row, row + length), pa.int64()),
                "source": pa.repeat(fetched.file.source, length),
                "is_undecodable": pa.array([number in broken for number in range(length)]),
            }
            row += length
            yield pa.table(members | places), columns


def parquet_sets(
    files: list[FetchedFile],
) -> tuple[list[ParquetSet], list[tuple[LandedFile, str]]]:
    """Group files that one statement can read, and name those that hold no messages."""
    read: list[tuple[Any, FetchedFile, int]] = []
    unreadable = []
    for fetched in files:
        try:
            rows, columns = read_footer(fetched)
        except Exception as error:
            if speaks_of_this_machine(error):
                raise
            unreadable.append((fetched.file, why_unreadable(error, "Parquet")))
            continue
        read.append(((fetched.file.layout, fetched.file.table or "", columns), fetched, rows))
    read.sort(key=lambda found: (*found[0][:2], str(found[0][2]), found[1].file.path))
    sets = []
    for (_, _, columns), found in groupby(read, key=lambda found: found[0]):
        group = list(found)
        sets.append(
            ParquetSet(
                tuple(fetched for _, fetched, _ in group),
                tuple(rows for _, _, rows in group),
                columns,
            )
        )
    return sets, unreadable


def read_footer(fetched: FetchedFile) -> tuple[int, tuple[tuple[str, pa.DataType], ...]]:
    """Read a Parquet file's footer: its rows, and its columns with their types.

    Raises:
        UnreadableFileError: the file holds no rows, or its columns are not those of its layout.
        Exception: the file is not Parquet.
    """
    metadata = pq.read_metadata(fetched.local)
    columns = _columns(metadata.schema)
    if metadata.num_rows == 0:
        raise UnreadableFileError(NO_ROWS)
    names = {name for name, _ in columns}
    if fetched.file.layout == "raw" and not is_raw_layout(names):
        raise UnreadableFileError(
            "no messages in the raw layout: the columns `type` and `messageId` or `receivedAt`"
            " are missing"
        )
    if fetched.file.layout == "data-lakes" and not is_data_lake(names):
        raise UnreadableFileError(
            "no messages of a data lake: the columns `message_id` and `received_at` or `timestamp`"
            " are missing"
        )
    used = set(_used(fetched.file, names))
    if twice := list(repeated_names(column for column in columns if column[0] in used)):
        raise UnreadableFileError(
            f"it has the column `{twice[0]}` twice, and only one of them can count"
        )
    return metadata.num_rows, columns


def without_wildcards(path: Path) -> str:
    """Return a path as DuckDB reads it: of its patterns a class of one character is itself."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def _landed_parquet(columns: Columns) -> Relation:
    names = ", ".join(column.sql for column in columns.values())
    return Relation(
        f"read_parquet($files, hive_partitioning = false) as landed({names})",
        "($first_file_id + file_index)::integer",
        "file_row_number + 1",
        "$sources[file_index::bigint + 1]",
    )


def _used(file: LandedFile, names: Iterable[str]) -> list[str]:
    return used_columns(names) if file.layout == "raw" else list(names)


def _columns(schema: pq.ParquetSchema) -> tuple[tuple[str, pa.DataType], ...]:
    """Return the columns with the types that DuckDB reads: of an enumeration Arrow sees bytes."""
    columns = schema.to_arrow_schema()
    leaves = [schema.column(index).logical_type.type for index in range(len(schema))]
    if "ENUM" not in leaves:
        return tuple((column.name, column.type) for column in columns)
    rest = iter(leaves)
    return tuple((column.name, _with_enumerations(column.type, rest)) for column in columns)


def _with_enumerations(kind: pa.DataType, leaves: Iterator[str]) -> pa.DataType:
    """Return a type in which the leaves of that logical type, in order, are text."""
    if pa.types.is_struct(kind):
        return pa.struct(
            [field.with_type(_with_enumerations(field.type, leaves)) for field in kind]
        )
    if pa.types.is_map(kind):
        key = _with_enumerations(kind.key_type, leaves)
        return pa.map_(key, _with_enumerations(kind.item_type, leaves))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_with_enumerations(kind.value_type, leaves))
    return pa.string() if next(leaves) == "ENUM" else kind


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
