"""Send who joined and left the rule segments, as the identify calls of Segment's Engage.

A destination knows identifiers, not persons, so what was sent is recorded per identifier: persons
merge and get other ids, and devices change hands. When a person becomes a member, `true` is sent
for each of its user ids, or for each of its devices if it has none. An identifier that was sent
once is sent every later change.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from ingest.sql import literal
from jobs.config import Settings
from jobs.config.segments import segment_key
from jobs.publication import connect_publication
from jobs.segment_sync.files import SegmentFiles, copy_changes, copy_state, segment_files
from jobs.sql_files import read_sql

log = logging.getLogger(__name__)

SENT = """
create temp table sent (
    key varchar, id_type varchar, id_value varchar, is_member boolean, told_at timestamp
)
"""
KEYS = """
create temp table keys as
select unnest($names::varchar[]) as user_segment, unnest($keys::varchar[]) as key
"""
CHANGES = "create temp table changes as\n" + read_sql(__file__, "changes")
LINES = read_sql(__file__, "lines")
STATE = read_sql(__file__, "state")


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """How many identifiers joined a segment, and how many left it."""

    key: str
    joined: int
    left: int


@dataclass(frozen=True, slots=True)
class SegmentReport:
    """What an export sent about the rule segments.

    `file` is None when nothing changed. Nothing is sent about the `dropped` segments, which are
    neither in the publication nor in `lift.yml` any more.
    """

    file: Path | None = None
    changes: tuple[SegmentChange, ...] = ()
    dropped: tuple[str, ...] = ()

    def words(self) -> list[str]:
        """Return one sentence for each segment that changed."""
        return [
            *(
                f"{change.key}: {change.joined:,} ids joined, {change.left:,} left"
                for change in self.changes
            ),
            *(f"{key}: no longer a segment; no leave is sent" for key in self.dropped),
        ]


def export_segments(settings: Settings) -> SegmentReport:
    """Write what changed in each rule segment since the last export, as one new file.

    The first export writes every member as of the publication. The caller holds the lock.

    Raises:
        OSError, duckdb.Error: nothing was sent, or the next call completes what was.
    """
    files = segment_files(settings)
    files.settle()
    with connect_publication(settings) as con:
        as_of = _as_of(con)
        if as_of is None:
            return SegmentReport()
        dropped = _read(con, settings, files)
        con.execute(CHANGES, {"as_of": as_of})
        changes = tuple(
            SegmentChange(*row)
            for row in con.execute(
                "select key, count_if(is_member), count_if(not is_member)"
                " from changes group by key order by key"
            ).fetchall()
        )
        file = _write(con, files, as_of) if changes or dropped else None
    report = SegmentReport(file, changes, dropped)
    for words in report.words():
        log.info("segment %s", words)
    return report


def _as_of(con: duckdb.DuckDBPyConnection) -> datetime | None:
    """Return the as-of time of the publication; None if it is empty or of an older version."""
    try:
        found: datetime | None = con.execute("select as_of()").fetchall()[0][0]
    except duckdb.CatalogException:
        log.warning("segment export skipped: the publication has no as-of time")
        return None
    return found


def _read(
    con: duckdb.DuckDBPyConnection, settings: Settings, files: SegmentFiles
) -> tuple[str, ...]:
    """Create the tables `keys` and `sent`, what was sent last; return the dropped segments."""
    names = [
        name
        for (name,) in con.execute(
            "select distinct user_segment from dim_user_segments where origin = 'rule' order by all"
        ).fetchall()
    ]
    keys = [segment_key(name) for name in names]
    con.execute(KEYS, {"names": names, "keys": keys})
    con.execute(SENT)
    state = files.state()
    if state is not None:
        con.execute(f"insert into sent by name from read_parquet({literal(str(state))})")
    # An earlier publication that was restored may lack a segment that is configured.
    known = [*keys, *(segment.key for segment in settings.segments)]
    dropped = con.execute(
        "delete from sent where key not in (select unnest($known::varchar[])) returning key",
        {"known": known},
    ).fetchall()
    return tuple(sorted({key for (key,) in dropped}))


def _write(con: duckdb.DuckDBPyConnection, files: SegmentFiles, as_of: datetime) -> Path | None:
    state = files.state()
    if state is not None and not con.execute("select 1 from changes limit 1").fetchall():
        # Segments were dropped, which changes nothing for a destination: only the state is new.
        stem = state.stem.removeprefix("state-")
        copy_state(con, STATE, files.pending_state(stem))
        files.commit_state(stem)
        return None
    files.folder.mkdir(parents=True, exist_ok=True)
    stem = files.next_stem(as_of)
    copy_changes(con, LINES, files.pending_changes(stem))
    copy_state(con, STATE, files.pending_state(stem))
    return files.commit(stem)
