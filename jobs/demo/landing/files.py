"""Which messages share a landed file."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl

from jobs.demo.company import DAY_MS
from jobs.demo.ledger import Source
from jobs.demo.simulation import Simulation

MAX_FILE_ROWS = 250_000


class FileRows(NamedTuple):
    """Ledger rows that land together: those of a source, a period of receipt and a part of it."""

    source: Source
    period: int
    part: int
    rows: pl.DataFrame


def rows_by_file(simulation: Simulation, days: int) -> Iterator[FileRows]:
    """The rows of every file, in order, when a file holds `days` of receipt of a source.

    Periods are numbered from the first day on; one of more than `MAX_FILE_ROWS` has several parts.
    """
    rows = simulation.rows
    source = rows["source"].to_numpy().astype(np.int64)
    since = rows["received"].to_numpy() - simulation.people.start
    period = since // (days * DAY_MS)
    periods = int(period.max(initial=0)) + 1
    keys, first = np.unique(source * periods + period, return_index=True)
    bounds = [*first.tolist(), rows.height]
    for key, low, high in zip(keys.tolist(), bounds[:-1], bounds[1:], strict=True):
        for part, start in enumerate(range(low, high, MAX_FILE_ROWS)):
            length = min(MAX_FILE_ROWS, high - start)
            yield FileRows(Source(key // periods), key % periods, part, rows.slice(start, length))


def source_key(source: Source) -> str:
    """What `lift.yml` calls the source."""
    return source.name.lower()
