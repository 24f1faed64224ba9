"""The published file is replaced as a whole: by a new publication, or by an earlier one."""

import os
from pathlib import Path

import duckdb

from ingest.error_text import first_line
from jobs.config import Settings
from jobs.config.base import did_you_mean, ended
from jobs.errors import JobError, UsageError
from jobs.files import remove_logs, sync
from jobs.publication import PUBLICATION, published_file
from jobs.publish.generations import (
    generation_folder,
    keep_current,
    list_publications,
    open_once,
    previous_generation,
)
from jobs.words import printable


class PublishError(JobError):
    """The publication could not be written; the previous one is in place."""


def rollback(settings: Settings, run: str | None = None) -> Path:
    """Put an earlier publication back and return where it is kept: the one before, or of a run.

    What it replaces is kept, so that `rollback` can return to it; nothing is removed.

    Raises:
        PublishError: no earlier publication is kept, or the one asked for cannot be opened.
        UsageError: no publication of that run is kept.
    """
    chosen = previous_generation(settings) if run is None else _generation_of(settings, run)
    if chosen is None:
        raise PublishError(
            f"No earlier publication is kept in {generation_folder(settings)}; there is nothing to"
            " go back to."
        )
    target = published_file(settings)
    fresh = settings.publish / f".{PUBLICATION}.new"
    try:
        remove_logs(chosen)
        open_once(chosen)
        fresh.unlink(missing_ok=True)
        os.link(chosen, fresh)
        keep_current(settings)
        replace(fresh, target)
    except (OSError, duckdb.Error) as error:
        raise PublishError(
            f"{chosen} could not be put back ({first_line(error)}); the publication is as it was:"
            " close what has the file open, or go back to another one of `lift publish --list`."
        ) from error
    open_published(target)
    return chosen


def replace(fresh: Path, target: Path) -> None:
    """Give a publication its name, and leave no log beside it of who wrote to another one."""
    remove_logs(target)
    fresh.replace(target)
    remove_logs(target)
    sync(target.parent)


def open_published(target: Path) -> None:
    """Open the publication under its name.

    Raises:
        PublishError: it cannot be opened.
    """
    try:
        open_once(target)
    except duckdb.Error as error:
        raise PublishError(
            f"{target} was published and cannot be opened ({first_line(error)});"
            " close what writes to it, then run `lift publish` again."
        ) from error


def _generation_of(settings: Settings, run: str) -> Path:
    """Return the kept publication with that run id, or of that file name."""
    publications = list_publications(settings)
    found = [each for each in publications if run in (each.run_id, each.file)]
    kept = [each for each in found if not each.is_current]
    if len(kept) == 1:
        return generation_folder(settings) / kept[0].file
    if kept:
        files = ", ".join(each.file for each in kept)
        raise UsageError(f"Run {run} was published several times; name one by its file: {files}.")
    if found:
        raise UsageError(f"The publication of the run {printable(run)} is the current one.")
    names = [each.run_id or each.file for each in publications if not each.is_current]
    remedy = ended(did_you_mean(run, names))
    raise UsageError(f"No publication of the run {printable(run)} is kept; {remedy}")
