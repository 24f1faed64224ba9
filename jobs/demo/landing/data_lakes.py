"""Writes messages as Segment Data Lakes: a table an event, its objects flattened to columns."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl

from ingest.layouts.snake_case import snake_case
from jobs.demo.landing.files import rows_by_file, source_key
from jobs.demo.landing.flattening import flatten_objects
from jobs.demo.ledger import Source
from jobs.demo.messages import OBJECTS, TIMES, render_messages
from jobs.demo.simulation import Simulation

DATA = "segment-data/data"
BATCH_DAYS = 7
"""Days of receipt that are flattened together, and so agree on the types of their columns."""
NAMELESS_SOURCE = Source.BACKEND
"""The source without the column `event`: its events are known by the name of their table."""
UNPREFIXED_SOURCE = Source.ENGAGE
"""The source whose properties and traits have no prefix, as in a warehouse."""


def write_data_lakes(landing: Path, simulation: Simulation) -> Iterator[Path]:
    """Write `segment-data/data/<source>/segment_type=<table>/day=YYYY-MM-DD/part-<nn>.parquet`.

    A table holds one event, or one call type other than track; days are those of receipt. A file
    has the columns that some row of it fills.
    """
    with duckdb.connect() as con:
        for source, _, part, rows in rows_by_file(simulation, BATCH_DAYS):
            messages = render_messages(simulation, source, rows)
            for table, group in _by_table(messages):
                folder = landing / DATA / source_key(source) / f"segment_type={table}"
                columns = _flatten(con, group, source)
                day = pl.col("received_at").dt.date()
                for (received,), file in columns.group_by(day, maintain_order=True):
                    path = folder / f"day={received}" / f"part-{part:02}.parquet"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    _filled_columns(file).write_parquet(path, compression="zstd")
                    yield path


def _by_table(messages: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    name = pl.when(pl.col("type") == "track").then("event").otherwise("type")
    names = messages.select(name).to_series()
    tables = names.replace_strict({name: snake_case(name) for name in names.unique()})
    for (table,), group in messages.group_by(tables.alias("table"), maintain_order=True):
        yield str(table), group


def _flatten(
    con: duckdb.DuckDBPyConnection, messages: pl.DataFrame, source: Source
) -> pl.DataFrame:
    fields = (
        messages.drop(OBJECTS)
        .rename(snake_case)
        .with_columns(
            pl.col("version").cast(pl.Int64),
            pl.col(snake_case(name) for name in TIMES).cast(pl.Datetime("us")),
        )
    )
    if source is NAMELESS_SOURCE:
        fields = fields.drop("event")
    prefixes = {name: f"{name}_" for name in OBJECTS}
    if source is UNPREFIXED_SOURCE:
        prefixes |= {"properties": "", "traits": ""}
    return fields.hstack(flatten_objects(con, messages, prefixes, taken=fields.columns))


def _filled_columns(file: pl.DataFrame) -> pl.DataFrame:
    return file.select(column for column in file if column.null_count() < file.height)
