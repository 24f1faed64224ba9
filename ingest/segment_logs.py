"""Segment's own S3 files: gzipped newline-delimited JSON, every call type mixed."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import duckdb
import numpy as np
import pyarrow as pa

from ingest.decimal_text import plain_decimal
from ingest.erasure import Erasure, insert_messages
from ingest.json_repair import clean_json, compact_json, known_shapes
from ingest.landing import NO_ROWS, FetchedFile, UnreadableFileError
from ingest.rows import (
    IDENTIFYING,
    OBJECT_FIELDS,
    TEXT_FIELDS,
    TIME_FIELDS,
    Relation,
    any_identifying,
    messages_select,
)
from ingest.unreadable import speaks_of_this_machine, why_unreadable

SAMPLE_ROWS = 5_000
BLOCK_BYTES = 32 * 1024 * 1024
PACKED_BYTES = 4 * 1024 * 1024
GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LANDED_LINES = Relation("landed_lines", "file_id", "row_number", "source")
LINES = pa.schema([("row_number", pa.int64()), ("line", pa.large_binary())])

SCALARS = {**TEXT_FIELDS, **TIME_FIELDS}


@dataclass(frozen=True, slots=True)
class LogSet:
    """Files of Segment's logs, staged together some tens of megabytes of lines at a time."""

    files: tuple[FetchedFile, ...]

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

    def after(self, _: duckdb.DuckDBPyConnection, error: Exception) -> "list[LogSet] | str":
        """Return smaller sets of the same files, or why the only one cannot be read.

        Raises:
            Exception: the error itself, when it speaks of this machine and not of a file.
        """
        if speaks_of_this_machine(error):
            raise error
        if len(self.files) == 1:
            return why_unreadable(error, "gzip")
        middle = len(self.files) // 2
        return [LogSet(self.files[:middle]), LogSet(self.files[middle:])]


def _insert(
    con: duckdb.DuckDBPyConnection, tables: list[pa.Table], erasure: Erasure | None
) -> None:
    if tables:
        con.register("landed_lines", pa.concat_tables(tables))
        sample = f"(select * from landed_lines limit {SAMPLE_ROWS})"
        shapes = known_shapes(con, sample, ["try(decode(line))"], {})
        select = messages_select(log_rows(LANDED_LINES), objects_are_clean=True)
        insert_messages(con, select, {"known_shapes": shapes}, erasure)
        con.unregister("landed_lines")


def read_lines(path: Path) -> Iterator[pa.Table]:
    """Read the lines of a file, tens of megabytes at a time, as `row_number` and `line` (bytes).

    Rows are numbered as lines are, from 1; blank lines are none. An object that its store has
    already unpacked is read as it is.

    Raises:
        UnreadableFileError: the file is no gzip, or is cut short.
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


def log_rows(relation: Relation) -> str:
    """Return the common table expressions that end in `landed_rows` over lines of such files.

    `relation` has `line`, the bytes of one line. The objects come out clean: a line is mended as a
    whole.
    """
    positions = {name: position for position, name in enumerate(SCALARS, 1)}
    pointers = ", ".join(f"'/{camel}'" for camel in SCALARS.values())
    objects = ", ".join(f"'/{name}'" for name in OBJECT_FIELDS)
    texts = [
        f"{_scalar(positions[name], only_scalars=name in IDENTIFYING)} as {name}"
        for name in TEXT_FIELDS
    ]
    odd = any_identifying(
        {
            name: f"kinds[{positions[name]}] in ('OBJECT', 'ARRAY', 'BOOLEAN')"
            for name in IDENTIFYING
        },
        f"texts[{positions['type']}]",
    )
    times = [f"texts[{positions[name]}] as {name}_text" for name in TIME_FIELDS]
    typed = [f"null::timestamp as {name}_typed" for name in TIME_FIELDS]
    parts = [
        f"nullif(objects[{position}]::varchar, 'null') as {name}"
        for position, name in enumerate(OBJECT_FIELDS, 1)
    ]
    return f"""
decoded_lines as (
    select
        {", ".join(relation.keys())},
        line as bytes,
        rtrim(try(decode(line)), chr(10) || chr(13)) as text
    from {relation.sql}
),

compact_lines as (
    select *, {compact_json("text")} as compact
    from decoded_lines
),

read_lines as (
    select *, {clean_json("text", "compact")} as document_read
    from compact_lines
),

mended_lines as (
    select
        *,
        case when document_read.repairs is not null then json(document_read.text)::varchar
            else document_read.text end as document
    from read_lines
),

opened_lines as (
    select
        *,
        coalesce(starts_with(document, '{{'), false) as is_object,
        case when starts_with(document, '{{')
            then json_extract_string(document, [{pointers}]) end as texts,
        case when starts_with(document, '{{') then json_type(document, [{pointers}]) end as kinds,
        case when starts_with(document, '{{')
            then json_extract(document, [{objects}]) end as objects
    from mended_lines
),

plain_lines as (
    select
        * exclude (texts),
        case when list_contains(kinds, 'DOUBLE')
            then list_transform(texts, lambda text, i: case when kinds[i] = 'DOUBLE'
                then {plain_decimal("text")} else text end)
            else texts end as texts
    from opened_lines
),

landed_rows as (
    select
        file_id,
        row_number,
        source,
        false as is_flattened,
        null::varchar as event_table,
        case
            when text is null then 'undecodable'
            when not is_object then 'no_json_object'
        end as damage,
        coalesce(text, rtrim(bytes::varchar, '\\x0A')) as line,
        nullif(document_read.repairs, []) as line_repairs,
        {odd} as has_odd_id,
        {", ".join([*texts, *times, *typed, *parts])}
    from plain_lines
)"""


def _scalar(position: int, *, only_scalars: bool) -> str:
    text = f"texts[{position}]"
    if not only_scalars:
        return text
    return f"case when kinds[{position}] not in ('OBJECT', 'ARRAY', 'BOOLEAN') then {text} end"
