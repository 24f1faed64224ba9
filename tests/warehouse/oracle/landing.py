"""Writes raw messages as a landing zone in the raw layout, in its accepted spellings."""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.times import parse_time, to_datetime

OBJECTS = ("context", "integrations", "properties", "traits")
TIMES = ("timestamp", "originalTimestamp", "sentAt", "receivedAt")


def write_landing(messages: Iterable[RawMessage], landing: Path) -> dict[tuple[str, str], Path]:
    """Write `<landing>/<source>/[day=…/]<file>.parquet`; the path of each (source, file).

    By its name a file gets a day folder, and columns in snake_case or, row by row, in both
    spellings. Times are TIMESTAMP where nothing
    is lost by it: all of a column parse, and no digest decides an id or a winner in the file,
    because the text of a time is gone from it.
    """
    files: defaultdict[tuple[str, str], list[RawMessage]] = defaultdict(list)
    for message in messages:
        files[message.source, message.file].append(message)
    copies = Counter(
        message.payload.get("messageId") for rows in files.values() for message in rows
    )
    written = {}
    for (source, file), rows in sorted(files.items()):
        rows.sort(key=lambda message: message.row_number)
        numbers = [message.row_number for message in rows]
        assert numbers == list(range(1, len(rows) + 1)), f"{source}/{file}: rows are {numbers}"
        variant = zlib.crc32(f"{source}/{file}".encode())
        folder = landing / source
        if variant & 1:
            folder /= "day=2026-05-31"
        folder.mkdir(parents=True, exist_ok=True)
        is_safe = all(
            message.payload.get("messageId") and copies[message.payload["messageId"]] == 1
            for message in rows
        )
        frame = _frame(rows, with_timestamps=is_safe)
        if variant & 2:
            frame = frame.rename({name: _snake_case(name) for name in frame.columns})
        elif variant & 4:
            frame = _spelled_by_row(frame)
        written[source, file] = folder / f"{file}.parquet"
        frame.write_parquet(written[source, file])
    return written


def _frame(rows: Sequence[RawMessage], with_timestamps: bool) -> pl.DataFrame:
    names = sorted({name for message in rows for name in message.payload})
    columns = []
    for name in names:
        values = [message.payload.get(name) for message in rows]
        if name in OBJECTS:
            columns.append(pl.Series(name, [_json(value) for value in values], pl.String))
        elif name in TIMES and with_timestamps and _all_parse(values):
            moments = [None if value is None else _moment(value) for value in values]
            columns.append(pl.Series(name, moments, pl.Datetime("us")))
        elif any(isinstance(value, int) for value in values) and _all_integers(values):
            columns.append(pl.Series(name, values, pl.Int64))
        else:
            columns.append(pl.Series(name, [_text(value) for value in values], pl.String))
    return pl.DataFrame(columns)


def _spelled_by_row(frame: pl.DataFrame) -> pl.DataFrame:
    """Every other row fills the columns in snake_case."""
    is_camel = pl.int_range(pl.len()) % 2 == 0
    twofold = [name for name in frame.columns if _snake_case(name) != name]
    return frame.with_columns(
        *(pl.when(is_camel).then(pl.col(name)).alias(name) for name in twofold),
        *(pl.when(~is_camel).then(pl.col(name)).alias(_snake_case(name)) for name in twofold),
    )


def _all_parse(values: Sequence[Any]) -> bool:
    return all(value is None or parse_time(value) is not None for value in values)


def _moment(value: str) -> Any:
    micros = parse_time(value)
    assert micros is not None, f"{value!r} does not parse"
    return to_datetime(micros)


def _all_integers(values: Sequence[Any]) -> bool:
    return all(value is None or isinstance(value, int) for value in values)


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _snake_case(name: str) -> str:
    return re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), name)
