"""Segment's own S3 files: gzipped newline-delimited JSON, every call type mixed."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import duckdb
import numpy as np
import pyarrow as pa

from ingest.erasure import Erasure
from ingest.errors import UnreadableFileError, why_unreadable
from ingest.layouts.file_sets import NO_ROWS, FileSet
from ingest.layouts.messages import insert_messages, known_shapes
from ingest.sql import statement
from ingest.storage.landing import FetchedFile

BLOCK_BYTES = 32 * 1024 * 1024
PACKED_BYTES = 4 * 1024 * 1024
GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LINES = pa.schema([("row_number", pa.int64()), ("line", pa.large_binary())])


@dataclass(frozen=True, slots=True)
class LogSet(FileSet):
    """Files of Segment's logs, staged together some tens of megabytes of lines at a time."""

    form = "gzip"

    def stage(
        self, con: duckdb.DuckDBPyConnection, first_file_id: int, erasure: Erasure | None
    ) -> list[int | UnreadableFileError]:
        """Insert the rows of the files, numbered from `first_file_id`; return the rows of each."""
        landed: list[int | UnreadableFileError] = []
        waiting: list[pa.Table] = []
        waiting_bytes = 0
        for file_id, fetched in enumerate(self.files, first_file_id):
            rows = 0
            own: list[pa.Table] = []
            try:
                for lines in read_lines(fetched.local):
                    rows += lines.num_rows
                    waiting_bytes += lines.nbytes
                    own.append(
                        lines.append_column(
                            "file_id", pa.repeat(pa.scalar(file_id, pa.int32()), lines.num_rows)
                        ).append_column("source", pa.repeat(fetched.file.source, lines.num_rows))
                    )
                    if waiting_bytes >= BLOCK_BYTES:
                        _insert(con, [*waiting, *own], erasure)
                        waiting, own, waiting_bytes = [], [], 0
                if not rows:
                    raise UnreadableFileError(NO_ROWS)
            except UnreadableFileError as error:
                con.execute("delete from raw.messages where file_id = ?", [file_id])
                landed.append(error)
                continue
            waiting += own
            landed.append(rows)
        _insert(con, waiting, erasure)
        return landed


def _insert(
    con: duckdb.DuckDBPyConnection, tables: list[pa.Table], erasure: Erasure | None
) -> None:
    if tables:
        con.register("landed_lines", pa.concat_tables(tables))
        shapes = known_shapes(con, "landed_lines", ["try(decode(line))"], {})
        insert_messages(con, statement("segment_logs"), {"known_shapes": shapes}, erasure)
        con.unregister("landed_lines")


def log_sets(files: list[FetchedFile]) -> list[LogSet]:
    """Return the set of some of Segment's logs, if there are any."""
    return [LogSet(tuple(files))] if files else []


def read_lines(path: Path) -> Iterator[pa.Table]:
    """Read the lines of a file, tens of megabytes at a time, as `row_number` and `line` (bytes).

    Rows have the numbers of their lines, from 1; a blank line is not a row. An object that its
    store has already unpacked is read as it is.

    Raises:
        UnreadableFileError: the file is not gzip, or is cut short.
    """
    rest, first_row = b"", 1
    try:
        for block in _blocks(path):
            data = rest + block
            end = data.rfind(b"\n") + 1
            rest = data[end:]
            if end:
                lines, seen = _split(data[:end], first_row)
                first_row += seen
                yield lines
    except (EOFError, zlib.error, OSError) as error:
        raise UnreadableFileError(why_unreadable(error, "gzip")) from error
    if rest:
        yield _split(rest + b"\n", first_row)[0]


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield a file's unpacked bytes, without the byte-order mark that a file or member begins with.

    Any number of gzip members follow each other; after the last there may be zeros.
    """
    with path.open("rb") as packed:
        start = packed.read(len(BYTE_ORDER_MARK) + 1)
        packed.seek(0)
        if not start.startswith(GZIP_MAGIC):
            if not start.removeprefix(BYTE_ORDER_MARK).lstrip().startswith(b"{"):
                raise UnreadableFileError(
                    "not a readable gzip file: it does not begin with a gzip header"
                )
            yield from _unmarked(iter(lambda: packed.read(BLOCK_BYTES), b""))
            return
        rest = b""
        while rest := rest.lstrip(b"\0") or packed.read(PACKED_BYTES).lstrip(b"\0"):
            member = _Member(packed, rest)
            yield from _unmarked(member)
            rest = member.rest


class _Member:
    """The unpacked blocks of one gzip member; what follows it is the `rest`."""

    def __init__(self, packed: BinaryIO, start: bytes) -> None:
        self.packed = packed
        self.rest = start

    def __iter__(self) -> Iterator[bytes]:
        reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
        while not reader.eof:
            data = reader.unconsumed_tail or self.rest or self.packed.read(PACKED_BYTES)
            self.rest = b""
            block = reader.decompress(data, BLOCK_BYTES)
            if not data and not block and not reader.eof:
                raise EOFError("it ends before its last gzip member does")
            if block:
                yield block
        self.rest = reader.unused_data


def _unmarked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Leave out a byte-order mark at the start."""
    waiting = b""
    is_start = True
    for block in blocks:
        if not is_start:
            yield block
            continue
        waiting += block
        if len(waiting) >= len(BYTE_ORDER_MARK):
            is_start = False
            yield waiting.removeprefix(BYTE_ORDER_MARK)
    if is_start and waiting:
        yield waiting


def _split(data: bytes, first_row: int) -> tuple[pa.Table, int]:
    """Cut whole lines out of a block without copying them; return them and their number."""
    characters = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(characters == ord("\n")) + 1
    offsets = np.concatenate(([0], ends)).astype(np.int64)
    is_blank = np.add.reduceat(characters > ord(" "), offsets[:-1]) == 0
    lines = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(ends), [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    )
    rows = np.arange(first_row, first_row + len(ends), dtype=np.int64)
    table = pa.table([pa.array(rows), lines], schema=LINES)
    return (table.filter(pa.array(~is_blank)) if is_blank.any() else table), len(ends)
