"""Writes messages as a landing zone in the raw layout."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from jobs.demo.company import DAY_MS
from jobs.demo.fragments import iso_times
from jobs.demo.ledger import Source
from jobs.demo.messages import render_messages
from jobs.demo.simulation import Simulation

MAX_FILE_ROWS = 250_000
ROW_GROUP_ROWS = 50_000
TIMES = ("timestamp", "originalTimestamp", "sentAt", "receivedAt")
TYPED_SOURCE = Source.PRODUCT
"""The source whose times land as TIMESTAMP; the others land ISO 8601 text, as Segment sends it."""


@dataclass(frozen=True)
class Landed:
    """How much a landing zone holds."""

    files: int
    bytes: int


def write_raw_landing(landing: Path, simulation: Simulation) -> Landed:
    """Write `<source>/[day=YYYY-MM-DD/]part-<nn>.parquet`, a row a message.

    Days are those of receipt. A small demo has a file a week and source, without `day=` folders.
    """
    sizes = []
    for source, number, part, rows in _files(simulation):
        folder = landing / source.name.lower()
        if simulation.file_days == 1:
            path = folder / f"day={simulation.file_start(number)}" / f"part-{part:02}.parquet"
        else:
            path = folder / f"part-{number:02}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        messages = _spell_times(render_messages(simulation, source, rows), source)
        messages.write_parquet(path, compression="zstd", row_group_size=ROW_GROUP_ROWS)
        sizes.append(path.stat().st_size)
    return Landed(files=len(sizes), bytes=sum(sizes))


def remove_landing(landing: Path) -> None:
    """Remove the files that a demo has landed, and nothing that somebody else has put there."""
    for source in Source:
        folder = landing / source.name.lower()
        for pattern in ("part-*.parquet", "day=*/part-*.parquet"):
            for path in sorted(folder.glob(pattern)):
                path.unlink()
        for day in sorted(folder.glob("day=*")):
            if day.is_dir() and not any(day.iterdir()):
                day.rmdir()


def _files(simulation: Simulation) -> Iterator[tuple[Source, int, int, pl.DataFrame]]:
    """The rows of every file: source, number of its period, number within the period, rows."""
    rows = simulation.rows
    source = rows["source"].to_numpy().astype(np.int64)
    since = rows["received"].to_numpy() - simulation.people.start
    period = since // (simulation.file_days * DAY_MS)
    periods = int(period.max(initial=0)) + 1
    keys, first = np.unique(source * periods + period, return_index=True)
    bounds = [*first.tolist(), rows.height]
    for key, low, high in zip(keys.tolist(), bounds[:-1], bounds[1:], strict=True):
        for part, start in enumerate(range(low, high, MAX_FILE_ROWS)):
            length = min(MAX_FILE_ROWS, high - start)
            yield Source(key // periods), key % periods, part, rows.slice(start, length)


def _spell_times(messages: pl.DataFrame, source: Source) -> pl.DataFrame:
    if source is TYPED_SOURCE:
        return messages.with_columns(pl.col(TIMES).cast(pl.Datetime("us")))
    return messages.with_columns(
        *(iso_times(messages[name].cast(pl.Int64)).alias(name) for name in TIMES)
    )
