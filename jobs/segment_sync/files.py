"""The folder of segment changes: one file per export, and the state after the last one.

`changes-<sequence>-<as-of>.ndjson.gz` holds what one export sent;
`state-<sequence>-<as-of>.parquet` holds what was last sent about each identifier. The state
decides what counts: the changes are on disk under a temporary name before the state gets its name,
and get theirs after it. A run that dies before that moment has sent nothing, and the next one
repeats it. After that moment, the next run only finishes the renaming.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from ingest.erasure import Erasure, identifier_hash
from ingest.error_text import first_line
from ingest.sql import define_macros, literal
from jobs.config import Settings
from jobs.errors import JobError
from jobs.files import put_in_place, sync
from jobs.warehouse import Warehouse

LINE = {
    "type": "varchar",
    "messageId": "varchar",
    "userId": "varchar",
    "anonymousId": "varchar",
    "timestamp": "varchar",
    "traits": "json",
    "context": "json",
    "integrations": "json",
}
"""The fields of a line of changes, in order, and the types they are read as."""

_PENDING = ".new"
_REWRITTEN = ".rewritten"

# Others may keep files in the folder too: the job's are those of exactly these names.
_STEM = r"[0-9]{6,}-[0-9]{8}T[0-9]{6}Z"
_STATE = re.compile(rf"state-{_STEM}\.parquet")
_CHANGES = re.compile(rf"changes-{_STEM}\.ndjson\.gz")
_UNFINISHED = re.compile(rf"\.({_STATE.pattern}|{_CHANGES.pattern})({_PENDING}|{_REWRITTEN})")


@dataclass(frozen=True, slots=True)
class SegmentFiles:
    """The folder of changes and state, which need not exist yet."""

    folder: Path

    def state(self) -> Path | None:
        """Return the state that counts; None before the first export."""
        return max(self._named(_STATE), default=None)

    def changes(self) -> list[Path]:
        """Return the files of changes, oldest first."""
        return sorted(self._named(_CHANGES))

    def next_stem(self, as_of: datetime) -> str:
        """Return the sequence number and as-of time that name the next changes and their state."""
        numbers = (int(path.name.split("-")[1]) for path in self.changes() + self._named(_STATE))
        return f"{max(numbers, default=0) + 1:06d}-{as_of:%Y%m%dT%H%M%SZ}"

    def pending_changes(self, stem: str) -> Path:
        """Return where changes are written before they count."""
        return self.folder / f".changes-{stem}.ndjson.gz{_PENDING}"

    def pending_state(self, stem: str) -> Path:
        """Return where a state is written before it counts."""
        return self.folder / f".state-{stem}.parquet{_PENDING}"

    def commit(self, stem: str) -> Path:
        """Make the pending changes and state count, and return the file of changes."""
        sync(self.pending_changes(stem))
        sync(self.folder)
        self.commit_state(stem)
        self.settle()
        return self.folder / f"changes-{stem}.ndjson.gz"

    def commit_state(self, stem: str) -> None:
        """Make a pending state count: from here on its changes have been sent."""
        put_in_place(self.pending_state(stem), self.folder / f"state-{stem}.parquet")

    def settle(self) -> None:
        """Finish what a run that died had sent, and remove what it had not."""
        state = self.state()
        if state is not None:
            stem = state.stem.removeprefix("state-")
            pending = self.pending_changes(stem)
            if pending.exists():
                put_in_place(pending, self.folder / f"changes-{stem}.ndjson.gz")
        for left in (*self._named(_UNFINISHED), *self._named(_STATE)):
            if left != state:
                left.unlink()

    def _named(self, pattern: re.Pattern[str]) -> list[Path]:
        return [path for path in self.folder.glob("*") if pattern.fullmatch(path.name)]


def segment_files(settings: Settings) -> SegmentFiles:
    """Return the folder of changes, beside the exports of the publication."""
    return SegmentFiles(settings.publish / "segments")


def erase_from_segment_files(settings: Settings, erasure: Erasure) -> int:
    """Remove the lines of erased persons from every file of changes and from the state.

    The tombstones identify the lines, so this can be repeated at any time. A file of changes
    without lines is removed. No system is sent that the persons left: that would name them again.
    Returns the number of lines removed.

    Raises:
        JobError: a file cannot be rewritten; each is as it was or without the persons.
    """
    files = segment_files(settings)
    if not files.folder.is_dir():
        return 0
    try:
        files.settle()
        state = files.state()
        with duckdb.connect(config=Warehouse.of(settings).limits) as con:
            con.execute("set TimeZone = 'UTC'")
            define_macros(con)
            con.execute(f"attach {literal(str(settings.warehouse))} as warehouse (read_only)")
            lines = sum(_rewrite_changes(con, path, erasure) for path in files.changes())
            if state is not None:
                _rewrite_state(con, state, erasure)
        sync(files.folder)
    except (OSError, duckdb.Error) as error:
        raise JobError(
            f"The segment changes in {files.folder} could not be rewritten ({first_line(error)});"
            " free the space or the folder, or remove the file, and run `lift erase` again."
        ) from error
    return lines


def copy_changes(con: duckdb.DuckDBPyConnection, select: str, target: Path) -> None:
    """Write the rows of a SELECT of the fields of `LINE` as a file of changes, earliest first."""
    con.execute(
        f'copy (from ({select}) order by "timestamp", "messageId") to {literal(str(target))}'
        " (format json, compression gzip)"
    )


def copy_state(con: duckdb.DuckDBPyConnection, select: str, target: Path) -> None:
    """Write the rows of a SELECT of sent identifiers as a state."""
    con.execute(
        f"copy (from ({select}) order by all) to {literal(str(target))}"
        " (format parquet, compression zstd)"
    )


def _rewrite_changes(con: duckdb.DuckDBPyConnection, path: Path, erasure: Erasure) -> int:
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in LINE.items())
    rows = (
        f"read_json({literal(str(path))}, format = 'newline_delimited', compression = 'gzip',"
        f" columns = {{{columns}}})"
    )
    erased, left = _split(con, rows, _ERASED_LINE, erasure)
    if erased and not left:
        path.unlink()
    elif erased:
        fresh = path.with_name(f".{path.name}{_REWRITTEN}")
        copy_changes(con, _NOT_ERASED, fresh)
        put_in_place(fresh, path)
    return erased


def _rewrite_state(con: duckdb.DuckDBPyConnection, path: Path, erasure: Erasure) -> None:
    erased, _ = _split(con, f"read_parquet({literal(str(path))})", _ERASED_STATE, erasure)
    if erased:
        fresh = path.with_name(f".{path.name}{_REWRITTEN}")
        copy_state(con, _NOT_ERASED, fresh)
        put_in_place(fresh, path)


_NOT_ERASED = "select * exclude (is_erased) from checked where not is_erased"


def _split(
    con: duckdb.DuckDBPyConnection, rows: str, is_erased: str, erasure: Erasure
) -> tuple[int, int]:
    """Check which rows are of erased persons; return how many are, and how many are not."""
    con.execute(
        f"create or replace temp table checked as select *, {is_erased} as is_erased from {rows}",
        erasure.parameters(),
    )
    counts: tuple[int, int] = con.execute(
        "select count_if(is_erased), count_if(not is_erased) from checked"
    ).fetchall()[0]
    return counts


def _is_erased(digest: str, moment: str) -> str:
    """Return the condition that an identifier was an erased person's at a moment."""
    return f"""exists (
        select 1
        from warehouse.raw.tombstones as tombstones
        where tombstones.identifier_hash = {digest}
            and (tombstones.owned_from is null or tombstones.owned_from <= {moment})
            and (tombstones.owned_to is null or {moment} < tombstones.owned_to)
    )"""


_ERASED_LINE = _is_erased(
    f"""case when "userId" is not null then {identifier_hash("user_id", '"userId"')}
        else {identifier_hash("anonymous_id", '"anonymousId"')} end""",
    '"timestamp"::timestamp',
)
_ERASED_STATE = _is_erased(
    f"""case id_type when 'user_id' then {identifier_hash("user_id", "id_value")}
        else {identifier_hash("anonymous_id", "id_value")} end""",
    "told_at",
)
