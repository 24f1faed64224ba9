"""Writes messages as Segment's raw logs in S3: gzipped newline-delimited JSON."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from jobs.demo.company import DAY_MS
from jobs.demo.landing.files import rows_by_file
from jobs.demo.messages import OBJECTS, PROJECT_IDS, render_messages, spell_times
from jobs.demo.simulation import Simulation

LOGS = "segment-logs"
DUMMY_OBJECT = f"{LOGS}/dummy-object.txt"
DUMMY_TEXT = b"Segment may write here.\n"
"""What Segment leaves in the bucket when it validates its access."""
COMPRESSION_LEVEL = 4
_NULLABLE = ("anonymousId", "userId")
"""Fields that are written as null; any other field is left out of a message that lacks it."""
_BARE = (*OBJECTS, "version")
"""Fields whose text already is JSON."""


def write_s3(landing: Path, simulation: Simulation) -> Iterator[Path]:
    """Write `segment-logs/<source id>/<day of receipt as unix ms>/part-<nn>.gz`, a line a message.

    Every call type of the source is in the same file.
    """
    dummy = landing / DUMMY_OBJECT
    dummy.parent.mkdir(parents=True, exist_ok=True)
    dummy.write_bytes(DUMMY_TEXT)
    yield dummy
    for source, period, part, rows in rows_by_file(simulation, days=1):
        day = simulation.people.start + period * DAY_MS
        path = landing / LOGS / PROJECT_IDS[source] / str(day) / f"part-{part:02}.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = json_lines(render_messages(simulation, source, rows))
        # Without a time of its own, the file has the same bytes whenever it is written.
        path.write_bytes(gzip.compress(lines.encode(), COMPRESSION_LEVEL, mtime=0))
        yield path


def json_lines(messages: pl.DataFrame) -> str:
    """One JSON object a line, its objects nested, its times ISO 8601 text."""
    members = [_member(name) for name in messages.columns]
    line = pl.concat_str(
        pl.lit("{"), pl.concat_str(members, separator=",", ignore_nulls=True), pl.lit("}\n")
    )
    text: str = spell_times(messages).select(line.str.join()).item()
    return text


def _member(name: str) -> pl.Expr:
    """`"name":value`, or null where the line leaves the field out."""
    quote = "" if name in _BARE else '"'
    member = pl.concat_str(pl.lit(f'"{name}":{quote}'), pl.col(name), pl.lit(quote))
    return member.fill_null(f'"{name}":null') if name in _NULLABLE else member
