"""Whether the files and folders that `lift.yml` names can be used, before anything is written."""

import os
from collections.abc import Iterator
from pathlib import Path

from ingest.storage.urls import SCHEMES
from jobs.config import Settings
from jobs.config.base import did_you_mean
from jobs.config.document import read_document
from jobs.config.problems import Location
from jobs.errors import UsageError
from jobs.ingest.crm import crm_files

Mistake = tuple[Location, str]


def check_places(settings: Settings, *, lands: bool) -> None:
    """Refuse what cannot be read or written; `lands` says that the landing zone is read as well.

    Raises:
        UsageError: a line for each mistake, with its place in the file.
    """
    read = [*_landing(settings), *_crm(settings)] if lands else []
    mistakes = [*read, *_written(settings)]
    if mistakes:
        document = read_document(settings.file)
        problems = [document.problem(location, message) for location, message in mistakes]
        raise UsageError("\n".join(map(str, sorted(problems, key=lambda each: each.line or 0))))


def _landing(settings: Settings) -> Iterator[Mistake]:
    if settings.landing.partition("://")[0] in SCHEMES:
        return
    path = Path(settings.landing)
    if not path.exists():
        yield ("landing",), f"the folder {path} does not exist; {_near(path) or 'correct the path'}"
    elif not path.is_dir():
        yield ("landing",), f"{path} is not a folder; name the folder that holds the sources"
    elif not os.access(path, os.R_OK | os.X_OK):
        yield ("landing",), f"the folder {path} may not be read; allow it, or name another"


def _crm(settings: Settings) -> Iterator[Mistake]:
    for file in crm_files(settings):
        if not file.path.is_file():
            message = f"the file {file.path} does not exist; correct the path, or remove the key"
            yield ("crm", file.key), message


def _near(path: Path) -> str | None:
    """Return a folder that may be meant: one beside the first that does not exist."""
    folder = _ancestor(path)
    if not (folder.is_dir() and os.access(folder, os.R_OK)):
        return None
    beside = [each.name for each in folder.iterdir() if each.is_dir()]
    remedy = did_you_mean(path.relative_to(folder).parts[0], beside)
    return remedy if remedy.startswith("did you mean") else None


def _written(settings: Settings) -> Iterator[Mistake]:
    if settings.warehouse.is_dir():
        yield ("warehouse",), f"{settings.warehouse} is a folder; name a file in it"
    else:
        yield from _folder(("warehouse",), settings.warehouse.parent)
    yield from _folder(("publish",), settings.publish)
    if settings.resources.temp is not None:
        yield from _folder(("resources", "temp"), settings.resources.temp)


def _folder(location: Location, path: Path) -> Iterator[Mistake]:
    """Find what keeps a folder from being made and written to."""
    existing = path if path.exists() else _ancestor(path)
    if not existing.is_dir():
        yield location, f"{existing} is not a folder; name another path, or move the file away"
    elif not os.access(existing, os.W_OK | os.X_OK):
        yield location, f"the folder {existing} may not be written; allow it, or name another"


def _ancestor(path: Path) -> Path:
    return next(parent for parent in path.parents if parent.exists())
