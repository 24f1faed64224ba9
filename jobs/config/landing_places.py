"""Whether the files and folders in `lift.yml` can be used, checked before anything is written."""

import os
from collections.abc import Iterator
from pathlib import Path

from ingest.storage.urls import SCHEMES
from jobs.config import Settings
from jobs.config.base import did_you_mean
from jobs.config.document import read_document
from jobs.config.problems import Location, Mistake
from jobs.errors import UsageError


def check_places(settings: Settings, *, lands: bool) -> None:
    """Refuse what cannot be read or written; with `lands` also the landing zone and CRM files.

    Raises:
        UsageError: one line per mistake, with its place in the file.
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
        remedy = _near(path) or "correct the path"
        yield ("landing",), f"names the folder {path}, which does not exist; {remedy}"
    elif not path.is_dir():
        yield ("landing",), f"names {path}, which is not a folder; name the folder of the sources"
    elif not os.access(path, os.R_OK | os.X_OK):
        yield ("landing",), f"names {path}, which cannot be read; permit it, or name another folder"


def _crm(settings: Settings) -> Iterator[Mistake]:
    for key, path in (("leads", settings.crm.leads), ("contacts", settings.crm.contacts)):
        if path is not None and not path.is_file():
            remedy = "correct the path, or remove the key"
            yield ("crm", key), f"names the file {path}, which does not exist; {remedy}"


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
        yield ("warehouse",), f"names {settings.warehouse}, which is a folder; name a file in it"
    else:
        yield from _folder(("warehouse",), settings.warehouse.parent)
    yield from _folder(("publish",), settings.publish)
    if settings.resources.temp is not None:
        yield from _folder(("resources", "temp"), settings.resources.temp)


def _folder(location: Location, path: Path) -> Iterator[Mistake]:
    """Find what prevents a folder from being created and written to."""
    existing = path if path.exists() else _ancestor(path)
    if not existing.is_dir():
        yield location, f"needs {existing} to be a folder; choose another path, or move the file"
    elif not os.access(existing, os.W_OK | os.X_OK):
        yield location, f"needs to write to {existing}; permit it, or choose another path"


def _ancestor(path: Path) -> Path:
    return next(parent for parent in path.parents if parent.exists())
