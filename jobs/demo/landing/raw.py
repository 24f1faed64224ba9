"""Writes messages in the raw layout: Parquet with Segment's own field names."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from jobs.demo.landing.files import rows_by_file, source_key
from jobs.demo.ledger import Source
from jobs.demo.messages import TIMES, render_messages, spell_times
from jobs.demo.simulation import Simulation

ROW_GROUP_ROWS = 50_000
TYPED_SOURCE = Source.PRODUCT
"""The source whose times land as TIMESTAMP; the others land ISO 8601 text, as Segment sends it."""


def write_raw(landing: Path, simulation: Simulation) -> Iterator[Path]:
    """Write `<source>/[day=YYYY-MM-DD/]part-<nn>.parquet`, a row a message.

    Days are those of receipt. A small demo has a file a week and source, without `day=` folders.
    """
    for source, period, part, rows in rows_by_file(simulation, simulation.file_days):
        folder = landing / source_key(source)
        if simulation.file_days == 1:
            path = folder / f"day={simulation.file_start(period)}" / f"part-{part:02}.parquet"
        else:
            path = folder / f"part-{period:02}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        messages = render_messages(simulation, source, rows)
        if source is TYPED_SOURCE:
            messages = messages.with_columns(pl.col(TIMES).cast(pl.Datetime("us")))
        else:
            messages = spell_times(messages)
        messages.write_parquet(path, compression="zstd", row_group_size=ROW_GROUP_ROWS)
        yield path
