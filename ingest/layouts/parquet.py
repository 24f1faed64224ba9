"""Landed Parquet files, in the raw layout or as a data lake: their columns, and staging them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.erasure import Erasure
from ingest.errors import UnreadableFileError, is_machine_error, why_unreadable
from ingest.layouts.broken_text import undecodable_rows, without_rows, without_validation
from ingest.layouts.columns import Columns, numbered, repeated_names
from ingest.layouts.data_lakes import is_data_lake, lake_rows
from ingest.layouts.fields import OBJECT_FIELDS, Source
from ingest.layouts.file_sets import NO_ROWS, FileSet
from ingest.layouts.messages import insert_messages, known_shapes
from ingest.layouts.raw import is_raw_layout, raw_rows, used_columns
from ingest.sql import statement
from ingest.storage.landing import FetchedFile, LandedFile

ARROW_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class ParquetSet(FileSet):
    """Files of one layout and event table with the same columns.

    `rows` are those of each file by its path. `through_arrow` reads a single file without DuckDB's
    reader, which gives a file up for one text that is not UTF-8.
    """

    form = "Parquet"
    rows: Mapping[str, int]
    columns: tuple[tuple[str, pa.DataType], ...]
    through_arrow: bool = False

    def stage(
        self, con: duckdb.DuckDBPyConnection, first_file_id: int, erasure: Erasure | None
    ) -> list[int | UnreadableFileError]:
        """Insert the rows of the files, numbered from `first_file_id`; return the rows of each."""
        if self.through_arrow:
            for batch, columns in self._arrow_batches(first_file_id):
                con.register("landed_arrow", batch)
                self._insert(con, self._landed_rows(columns, Source("landed_arrow")), {}, erasure)
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
            sample = f"(with {landed} from landed_rows)"
            shapes = known_shapes(con, sample, OBJECT_FIELDS, parameters | {"files": files[:1]})
            self._insert(con, landed, parameters | {"known_shapes": shapes}, erasure)
        return [self.rows[fetched.file.path] for fetched in self.files]

    def after(
        self, con: duckdb.DuckDBPyConnection, error: Exception
    ) -> "Sequence[ParquetSet] | str":
        """As any set; text that is not UTF-8 is read in another way."""
        # Without the zero arguments that a class with slots cannot bind.
        instead = FileSet.after(self, con, error)
        if not isinstance(instead, str):
            return instead
        # DuckDB checks text, but not JSON, which it repeats in an error that is not UTF-8 either:
        # Python cannot decode it, or is left with an error that says nothing.
        is_silent = isinstance(error, duckdb.Error) and not str(error).strip()
        is_text_broken = (
            is_silent or "not valid UTF8" in instead or isinstance(error, UnicodeDecodeError)
        )
        if is_text_broken and not self.through_arrow:
            return [replace(self, through_arrow=True)]
        return instead.replace(str(self.files[0].local), self.files[0].file.path)

    def is_broken(self, con: duckdb.DuckDBPyConnection, error: Exception) -> bool:
        """DuckDB has one type of error for a broken file and for a broken disk."""
        return isinstance(error, duckdb.IOException) and not all(
            _can_be_read_to_its_end(con, fetched.local) for fetched in self.files
        )

    def _insert(
        self,
        con: duckdb.DuckDBPyConnection,
        landed: str,
        parameters: dict[str, Any],
        erasure: Erasure | None,
    ) -> None:
        rows = f"{landed},\n\n{statement('read_objects')}"
        insert_messages(con, rows, {"known_shapes": []} | parameters, erasure)

    def _landed_rows(self, columns: Columns, source: Source) -> str:
        file = self.files[0].file
        if file.layout == "raw":
            return raw_rows(columns, source)
        return lake_rows(columns, source, file.table or "")

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
    alike: dict[Any, dict[FetchedFile, int]] = {}
    unreadable = []
    for fetched in sorted(files, key=lambda fetched: fetched.file.path):
        file = fetched.file
        try:
            rows, columns = read_footer(fetched)
        except Exception as error:
            if is_machine_error(error):
                raise
            unreadable.append((file, why_unreadable(error, "Parquet")))
            continue
        alike.setdefault((file.layout, file.table or "", columns), {})[fetched] = rows
    sets = []
    for (*_, columns), found in sorted(alike.items(), key=str):
        rows_of = {fetched.file.path: rows for fetched, rows in found.items()}
        sets.append(ParquetSet(tuple(found), rows_of, columns))
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


def _landed_parquet(columns: Columns) -> Source:
    names = ", ".join(column.sql for column in columns.values())
    return Source(
        f"read_parquet($files, hive_partitioning = false) as landed({names})",
        "($first_file_id + file_index)::integer as file_id, file_row_number + 1 as row_number,"
        " $sources[file_index::bigint + 1] as source, false as is_undecodable",
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
