"""The landing zone: which files it holds, and how their bytes are fetched."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from ingest.errors import LandingError, LandingFolderError, UnreadableFileError
from ingest.storage.object_store import ObjectStore, ObjectStoreError
from ingest.storage.paths import Layout, is_hidden, recognise


@dataclass(frozen=True, slots=True)
class LandedFile:
    """One file of the landing zone as the listing shows it.

    `path` is relative to the landing zone with forward slashes. `source` is the folder that names
    the source, by key or by id; `table` the event table of a data lake. `size` is in bytes;
    `modified_at` is UTC without offset; object storage also gives an `etag`.
    """

    path: str
    source: str
    layout: Layout
    table: str | None
    size: int
    modified_at: datetime
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a landing zone by path, and the other objects between them."""

    files: list[LandedFile]
    passed_over: list[str]


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A landed file as it was read: its bytes on this machine and their SHA-256."""

    file: LandedFile
    local: Path
    content_hash: str


class LandingZone(Protocol):
    """A place where files land."""

    is_remote: bool

    def listing(self) -> Listing:
        """List every file once.

        Raises:
            LandingError: the landing zone cannot be listed.
        """

    def fetch(self, file: LandedFile, target: Path) -> FetchedFile:
        """Bring a file's bytes to this machine; `target` is where a download goes.

        Raises:
            UnreadableFileError: the file is gone or its bytes do not arrive.
        """


def landing_zone(landing: str | Path) -> LandingZone:
    """Return the landing zone of a folder, or of an `s3://`, `gs://` or `az://` URL."""
    return BucketLanding(str(landing)) if "://" in str(landing) else FolderLanding(Path(landing))


@dataclass(frozen=True, slots=True)
class FolderLanding:
    """A landing zone in a folder of this machine."""

    folder: Path
    is_remote = False

    def listing(self) -> Listing:
        """List the folder; a file is recognised by its size and time of modification."""
        if not self.folder.is_dir():
            raise LandingFolderError(f"{self.folder} is not a folder; create it, or correct this")
        try:
            return _sorted_listing(self._files())
        except OSError as error:
            raise LandingError(
                f"The landing zone {self.folder} cannot be listed ({error.strerror});"
                " check its permissions."
            ) from error

    def _files(self) -> Iterator[tuple[str, int, datetime, str | None]]:
        for path in self.folder.rglob("*"):
            if path.is_file():
                status = path.stat()
                modified_at = datetime.fromtimestamp(status.st_mtime, UTC).replace(tzinfo=None)
                yield path.relative_to(self.folder).as_posix(), status.st_size, modified_at, None

    def fetch(self, file: LandedFile, target: Path) -> FetchedFile:
        """Hash the file in its folder; `target` stays unused."""
        path = self.folder / file.path
        try:
            with path.open("rb") as stream:
                return FetchedFile(file, path, hashlib.file_digest(stream, "sha256").hexdigest())
        except OSError as error:
            raise UnreadableFileError(f"the file cannot be opened: {error.strerror}") from error


class BucketLanding:
    """A landing zone in object storage; credentials come from the environment."""

    is_remote = True

    def __init__(self, url: str) -> None:
        """Prepare for a URL; no request is made."""
        self.store = ObjectStore(url)

    def listing(self) -> Listing:
        """List the prefix page by page; an object is recognised by its size and ETag."""
        try:
            objects = self.store.list_objects()
        except ObjectStoreError as error:
            raise LandingError(str(error)) from error
        return _sorted_listing(
            (found.path, found.size, found.modified_at, found.etag) for found in objects
        )

    def fetch(self, file: LandedFile, target: Path) -> FetchedFile:
        """Download the object with one request, hashing it on the way."""
        try:
            found, digest = self.store.fetch(file.path, target)
        except ObjectStoreError as error:
            raise UnreadableFileError(str(error)) from error
        read = replace(file, size=found.size, modified_at=found.modified_at, etag=found.etag)
        return FetchedFile(read, target, digest)


def _sorted_listing(found: Iterator[tuple[str, int, datetime, str | None]]) -> Listing:
    files, passed_over = [], []
    for path, size, modified_at, etag in found:
        recognised = recognise(path)
        if recognised:
            layout, source, table = recognised
            files.append(LandedFile(path, source, layout, table, size, modified_at, etag))
        elif not is_hidden(path):
            passed_over.append(path)
    return Listing(sorted(files, key=lambda file: file.path), sorted(passed_over))
