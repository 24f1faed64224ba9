"""The landing zone of a demo: the same messages in any of the layouts."""

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import polars as pl

from jobs.demo.data_lakes import DATA, write_data_lakes
from jobs.demo.simulate import SOURCE_IDS, statements

BATCH_ROWS = 250_000
"""About how many messages are rendered at a time: those of some days, so that no file is split."""
OBJECTS = ("context", "integrations", "properties", "traits")
TYPED_SOURCE = "product"
"""The source whose times land as TIMESTAMP in the raw layout; others land ISO 8601 text."""
LOGS = "segment-logs"
DUMMY_OBJECT = f"{LOGS}/dummy-object.txt"
DUMMY_TEXT = b"Segment may write here.\n"
"""What Segment leaves in the bucket when it validates its access."""

_NULLABLE = ("anonymousId", "userId")
_SOURCE = f"({'|'.join(SOURCE_IDS)})"
_DAY = r"day=\d{4}-\d\d-\d\d"
_LANDED = re.compile(
    rf"{_SOURCE}/({_DAY}/)?part-\d\d+\.parquet"
    rf"|{DATA}/{_SOURCE}/segment_type=\w+/{_DAY}/part-\d\d+\.parquet"
    rf"|{LOGS}/({'|'.join(SOURCE_IDS.values())})/\d+/part-\d\d+\.gz"
)
"""The paths that all layouts give to a file."""


def write_landing(con: duckdb.DuckDBPyConnection, landing: Path, layout: str) -> Iterator[Path]:
    """Write the messages that were simulated in `con`; yield every file once it is written."""
    con.execute("set variable layout = $layout", {"layout": layout})
    con.execute(statements("render"))
    if layout == "s3":
        yield _write(landing / DUMMY_OBJECT, DUMMY_TEXT)
    for messages in _batches(con):
        yield from WRITERS[layout](messages, landing)


def remove_landing(landing: Path) -> None:
    """Remove the files that a demo has landed, in any layout, and the folders that this empties."""
    for path in sorted(landing.rglob("*")):
        name = path.relative_to(landing).as_posix()
        is_dummy = name == DUMMY_OBJECT and path.read_bytes() == DUMMY_TEXT
        if path.is_file() and (is_dummy or _LANDED.fullmatch(name)):
            path.unlink()
            folder = path.parent
            while folder != landing and not any(folder.iterdir()):
                folder.rmdir()
                folder = folder.parent


def _batches(con: duckdb.DuckDBPyConnection) -> Iterator[pl.DataFrame]:
    counted = con.sql("select count(*), max(day_number) + 1 from landed").fetchall()[0]
    messages, days = map(int, counted)
    step = max(1, days * BATCH_ROWS // messages)
    for first in range(0, days, step):
        days_of_batch = f"day_number >= {first} and day_number < {first + step}"
        batch: pl.DataFrame = con.sql(f"from landed where {days_of_batch}").pl()
        yield batch.sort("source", "receivedAt", "number").drop("number", "day_number")


def _write_raw(messages: pl.DataFrame, landing: Path) -> Iterator[Path]:
    """Write `<source>/[day=YYYY-MM-DD/]part-<nn>.parquet`, one row per message.

    Days are those of receipt. A small demo has one file per week and source, without folders.
    """
    for (path,), file in messages.group_by("path", maintain_order=True):
        typed = file["source"][0] == TYPED_SOURCE
        columns = (file if typed else _spell_times(file)).drop("source", "path")
        yield _write(landing / str(path), columns)


def _write_s3(messages: pl.DataFrame, landing: Path) -> Iterator[Path]:
    """Write `segment-logs/<source id>/<day of receipt in ms>/part-00.gz`, one line per message."""
    bare = (*OBJECTS, "version")
    for (path,), file in messages.group_by("path", maintain_order=True):
        columns = _spell_times(file.drop("source", "path"))
        members = []
        for name in columns.columns:
            quote = "" if name in bare else '"'
            member = pl.concat_str(pl.lit(f'"{name}":{quote}'), pl.col(name), pl.lit(quote))
            # Ids are written as null; any other field is left out of a message that lacks it.
            members.append(member.fill_null(f'"{name}":null') if name in _NULLABLE else member)
        line = pl.concat_str(
            pl.lit("{"), pl.concat_str(members, separator=",", ignore_nulls=True), pl.lit("}\n")
        )
        text: str = columns.select(line.str.join()).item()
        # Without a time of its own, the file has the same bytes whenever it is written.
        yield _write(landing / str(path), gzip.compress(text.encode(), 4, mtime=0))


def _spell_times(messages: pl.DataFrame) -> pl.DataFrame:
    return messages.with_columns(pl.col(pl.Datetime).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"))


def _write(path: Path, content: pl.DataFrame | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        content.write_parquet(path, compression="zstd", compression_level=1, row_group_size=50_000)
    return path


WRITERS: dict[str, Callable[[pl.DataFrame, Path], Iterator[Path]]] = {
    "raw": _write_raw,
    "data-lakes": write_data_lakes,
    "s3": _write_s3,
}
"""By layout, what writes some days of messages below a folder and yields every file."""
