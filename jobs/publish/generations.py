"""What the job keeps beside the publication: earlier publications, and files of events.

Both lie in folders in which others may keep files too; the job knows its own by their names.
"""

import os
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from jobs.config import Settings
from jobs.publication import published_file

_GENERATION = re.compile(r"lift-[0-9]{20}\.duckdb")
_EVENTS = re.compile(r"fct_events-[\w-]+-[0-9]{20}\.parquet")


@dataclass(frozen=True, slots=True)
class Generation:
    """A publication that is kept, or the current one; `run_id` is None if it cannot be read."""

    file: str
    run_id: str | None
    published_at: datetime
    is_current: bool


def generation_folder(settings: Settings) -> Path:
    """Return where earlier publications lie."""
    return settings.publish / "generations"


def kept_generations(settings: Settings) -> list[Path]:
    """Return the earlier publications that are kept, oldest first."""
    return _named(generation_folder(settings), _GENERATION)


def previous_generation(settings: Settings) -> Path | None:
    """Return the newest publication that is older than the published one, if one is kept."""
    target = published_file(settings)
    published_at = target.stat().st_mtime_ns if target.exists() else time.time_ns()
    older = [path for path in kept_generations(settings) if _stamp(path) < published_at]
    return older[-1] if older else None


def list_publications(settings: Settings) -> list[Generation]:
    """Return the publications that are kept and the current one, the newest first."""
    target = published_file(settings)
    current = [_described(target, is_current=True)] if target.exists() else []
    earlier = [
        _described(path)
        for path in kept_generations(settings)
        if not current or path.stat().st_mtime_ns != target.stat().st_mtime_ns
    ]
    return sorted([*current, *earlier], key=lambda each: each.published_at, reverse=True)


def keep_current(settings: Settings) -> Path | None:
    """Keep the publication that is about to be replaced, if there is one; return where."""
    target = published_file(settings)
    if not target.exists():
        return None
    folder = generation_folder(settings)
    folder.mkdir(exist_ok=True)
    kept = folder / f"lift-{target.stat().st_mtime_ns:020d}.duckdb"
    if not kept.exists():
        os.link(target, kept)
    return kept


def keep_generation(settings: Settings, fresh: Path) -> None:
    """Keep the publication that `fresh` is about to replace, and at most `publication.keep`.

    It is kept even if newer ones are: those that a rollback has left.
    """
    keep = settings.publication.keep
    replaced = keep_current(settings) if keep > 0 else None
    others = [path for path in kept_generations(settings) if path != replaced]
    for surplus in others[: max(len(others) - keep + (replaced is not None), 0)]:
        surplus.unlink()
    # Somebody may be writing to an earlier one: then nobody knows what it reads.
    with suppress(duckdb.Error):
        _remove_events_but_of(settings, [*kept_generations(settings), fresh])


def remove_generations(settings: Settings) -> int:
    """Remove every publication but the current one, and return how many there were."""
    generations = kept_generations(settings)
    for path in generations:
        path.unlink()
    _remove_events_but_of(settings, [published_file(settings)])
    return len(generations)


def new_events_file(settings: Settings, run_id: str, nanoseconds: int) -> Path:
    """Return where a publication's events lie: no two publications share a file."""
    return settings.publish / "events" / f"fct_events-{run_id}-{nanoseconds:020d}.parquet"


def open_once(path: Path) -> None:
    """Open a publication as a reader does, and bind each of its views.

    Raises:
        duckdb.Error: no reader can open it.
    """
    with duckdb.connect(str(path), read_only=True) as con:
        views = con.execute("select view_name from duckdb_views() where not internal").fetchall()
        for (view,) in views:
            con.execute(f"from {view} limit 0")


def _remove_events_but_of(settings: Settings, publications: list[Path]) -> None:
    """Remove the files of events that none of these publications reads."""
    files = _named(settings.publish / "events", _EVENTS)
    read = {_events_of(path) for path in publications} if files else set()
    for path in files:
        if path.name not in read:
            path.unlink()


def _events_of(publication: Path) -> str | None:
    """Return the name of the file that a publication reads its events from."""
    with duckdb.connect(str(publication), read_only=True) as con:
        views = con.execute(
            "select sql from duckdb_views() where view_name = 'fct_events'"
        ).fetchall()
    found = _EVENTS.search(views[0][0]) if views else None
    return found[0] if found else None


def _described(path: Path, *, is_current: bool = False) -> Generation:
    run_id = None
    with suppress(duckdb.Error), duckdb.connect(str(path), read_only=True) as con:
        ((run_id,),) = con.execute("select run_id()").fetchall()
    published_at = datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)
    return Generation(path.name, run_id, published_at, is_current)


def _stamp(generation: Path) -> int:
    """Return when a generation was published, in nanoseconds since 1970."""
    return int(generation.stem.removeprefix("lift-"))


def _named(folder: Path, pattern: re.Pattern[str]) -> list[Path]:
    return sorted(path for path in folder.glob("*") if pattern.fullmatch(path.name))
