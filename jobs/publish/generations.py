"""What the job keeps beside the publication: earlier publications, and files of events.

Both lie in folders in which others may keep files too; the job knows its own by their names.
"""

import os
import re
from contextlib import suppress
from pathlib import Path

import duckdb

from jobs.config import Settings
from jobs.publication import published_file

_GENERATION = re.compile(r"lift-[0-9]{20}\.duckdb")
_EVENTS = re.compile(r"fct_events-[\w-]+-[0-9]{20}\.parquet")


def generation_folder(settings: Settings) -> Path:
    """Return where earlier publications lie."""
    return settings.publish / "generations"


def kept_generations(settings: Settings) -> list[Path]:
    """Return the earlier publications that are kept, oldest first."""
    return _named(generation_folder(settings), _GENERATION)


def previous_generation(settings: Settings) -> Path | None:
    """Return the newest publication that is older than the published one, if one is kept."""
    published_at = published_file(settings).stat().st_mtime_ns
    older = [path for path in kept_generations(settings) if _stamp(path) < published_at]
    return older[-1] if older else None


def keep_generation(settings: Settings, fresh: Path) -> None:
    """Keep the publication that `fresh` is about to replace, and at most `publication.keep`."""
    target = published_file(settings)
    keep = settings.publication.keep
    if target.exists() and keep > 0:
        folder = generation_folder(settings)
        folder.mkdir(exist_ok=True)
        kept = folder / f"lift-{target.stat().st_mtime_ns:020d}.duckdb"
        if not kept.exists():
            os.link(target, kept)
    for surplus in kept_generations(settings)[: -keep or None]:
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


def _stamp(generation: Path) -> int:
    """Return when a generation was published, in nanoseconds since 1970."""
    return int(generation.stem.removeprefix("lift-"))


def _named(folder: Path, pattern: re.Pattern[str]) -> list[Path]:
    return sorted(path for path in folder.glob("*") if pattern.fullmatch(path.name))
