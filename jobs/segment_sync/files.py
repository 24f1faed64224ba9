"""The folder of segment changes: files that are only ever added, and what they have told so far.

`changes-<sequence>-<as-of>.ndjson.gz` is what one export told; `state-<sequence>-<as-of>.parquet`
is whom all of them together told what. The state decides: the changes are on disk under a
temporary name before the state gets its name, and get theirs after it. So a run that dies before
has told nothing and is repeated from the state before it; of one that dies after, the next run
finishes the renaming.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from ingest.erasure import Erasure, identifier_hash
from ingest.sql import define_macros
from jobs.config import Settings
from jobs.errors import JobError
from jobs.files import sync
from jobs.warehouse import limits

FOLDER = "segments"

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
"""The fields of a line of changes, in order, and what they are read as."""

_PENDING = ".new"
_REWRITTEN = ".rewritten"

# Others may keep files in the folder too: the job's are those of exactly these names.
_STEM = r"[0-9]{6,}-[0-9]{8}T[0-9]{6}Z"
_STATE = re.compile(rf"state-{_STEM}\.parquet")
_CHANGES = re.compile(rf"changes-{_STEM}\.ndjson\.gz")
_UNFINISHED = re.compile(rf"\.({_STATE.pattern}|{_CHANGES.pattern})({_PENDING}|{_REWRITTEN})")


@dataclass(frozen=True, slots=True)
class SegmentFiles:
    """The folder of changes and states, which need not exist yet."""

    folder: Path

    def state(self) -> Path | None:
        """Return the state that counts; None when nothing was ever told."""
        return max(self._named(_STATE), default=None)

    def changes(self) -> list[Path]:
        """Return the files of changes that lie here, in the order they were told."""
        return sorted(self._named(_CHANGES))

    def next_stem(self, as_of: datetime) -> str:
        """Return the sequence number and as-of that name the next changes and their state."""
        told = [*self.changes(), *self._named(_STATE)]
        sequence = max((int(path.name.split("-")[1]) for path in told), default=0) + 1
        return f"{sequence:06d}-{as_of:%Y%m%dT%H%M%SZ}"

    def pending_changes(self, stem: str) -> Path:
        """Return where changes are written before they count."""
        return self.folder / f".changes-{stem}.ndjson.gz{_PENDING}"

    def pending_state(self, stem: str) -> Path:
        """Return where a state is written before it counts."""
        return self.folder / f".state-{stem}.parquet{_PENDING}"

    def commit(self, stem: str) -> Path:
        """Make the pending changes and state count, and return the file of changes."""
        sync(self.pending_changes(stem))
        self.commit_state(stem)
        self.settle()
        return self.folder / f"changes-{stem}.ndjson.gz"

    def commit_state(self, stem: str) -> None:
        """Make a pending state count: from here on its changes are told."""
        pending = self.pending_state(stem)
        sync(pending)
        sync(self.folder)
        pending.replace(self.folder / f"state-{stem}.parquet")
        sync(self.folder)

    def settle(self) -> None:
        """Finish what a run that died had told, and remove what it had not."""
        state = self.state()
        if state is not None:
            stem = state.stem.removeprefix("state-")
            pending = self.pending_changes(stem)
            if pending.exists():
                pending.replace(self.folder / f"changes-{stem}.ndjson.gz")
                sync(self.folder)
        for left in (*self._named(_UNFINISHED), *self._named(_STATE)):
            if left != state:
                left.unlink()

    def _named(self, pattern: re.Pattern[str]) -> list[Path]:
        return [path for path in self.folder.glob("*") if pattern.fullmatch(path.name)]


def segment_files(settings: Settings) -> SegmentFiles:
    """Return the folder of changes, beside the exports of the publication."""
    return SegmentFiles(settings.publish / FOLDER)


def erase_from_segment_files(settings: Settings, erasure: Erasure) -> int:
    """Take the lines of erased persons out of every file of changes and out of the state.

    The tombstones tell them, so that it can be done again at any time. A file of changes that has
    no line left is removed. Nobody is told that the persons left: that would name them once more.
    Returns the number of lines.

    Raises:
        JobError: a file cannot be rewritten; each is as it was or without the persons.
    """
    files = segment_files(settings)
    if not files.folder.is_dir():
        return 0
    try:
        files.settle()
        state = files.state()
        with duckdb.connect(config=limits(settings)) as con:
            con.execute("set TimeZone = 'UTC'")
            define_macros(con)
            con.execute(f"attach {quoted(settings.warehouse)} as warehouse (read_only)")
            lines = sum(_rewrite_changes(con, path, erasure) for path in files.changes())
            if state is not None:
                _rewrite_state(con, state, erasure)
        sync(files.folder)
    except (OSError, duckdb.Error) as error:
        raise JobError(
            f"The segment changes in {files.folder} could not be rewritten"
            f" ({str(error).splitlines()[0]}); free the space or the folder, or remove the file,"
            " and run `lift erase` again."
        ) from error
    return lines


def quoted(path: Path) -> str:
    """Return a path as a literal of SQL."""
    return "'" + str(path).replace("'", "''") + "'"


def copy_changes(con: duckdb.DuckDBPyConnection, select: str, target: Path) -> None:
    """Write what a SELECT of the fields of `LINE` returns, earliest first, as a file of changes."""
    con.execute(
        f'copy (from ({select}) order by "timestamp", "messageId") to {quoted(target)}'
        " (format json, compression gzip)"
    )


def copy_state(con: duckdb.DuckDBPyConnection, select: str, target: Path) -> None:
    """Write what a SELECT of told identifiers returns as a state."""
    con.execute(
        f"copy (from ({select}) order by all) to {quoted(target)}"
        " (format parquet, compression zstd)"
    )


def _rewrite_changes(con: duckdb.DuckDBPyConnection, path: Path, erasure: Erasure) -> int:
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in LINE.items())
    rows = (
        f"read_json({quoted(path)}, format = 'newline_delimited', compression = 'gzip',"
        f" columns = {{{columns}}})"
    )
    erased = _keep(con, rows, _ERASED_LINE, erasure)
    if not erased:
        return 0
    if not con.execute("select count(*) from kept").fetchall()[0][0]:
        path.unlink()
        return erased
    fresh = path.with_name(f".{path.name}{_REWRITTEN}")
    copy_changes(con, "from kept", fresh)
    sync(fresh)
    fresh.replace(path)
    return erased


def _rewrite_state(con: duckdb.DuckDBPyConnection, path: Path, erasure: Erasure) -> None:
    if _keep(con, f"read_parquet({quoted(path)})", _ERASED_STATE, erasure):
        fresh = path.with_name(f".{path.name}{_REWRITTEN}")
        copy_state(con, "from kept", fresh)
        sync(fresh)
        fresh.replace(path)


def _keep(con: duckdb.DuckDBPyConnection, rows: str, erased: str, erasure: Erasure) -> int:
    """Put the rows that are not erased persons' into `kept`, and return how many are."""
    con.execute(
        f"create or replace temp table judged as select *, {erased} as is_erased from {rows}",
        erasure.parameters(),
    )
    con.execute(
        "create or replace temp table kept as"
        " select * exclude (is_erased) from judged where not is_erased"
    )
    found: int = con.execute("select count(*) from judged where is_erased").fetchall()[0][0]
    return found


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
