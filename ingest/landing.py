"""The landing zone: which files lie there, and what tells one version of a file from the next."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


class LandingError(Exception):
    """The landing zone itself cannot be read; nothing was changed."""


@dataclass(frozen=True, slots=True)
class LandedFile:
    """One file of the landing zone as the listing shows it.

    `path` is relative to the landing zone with forward slashes; `source` is its first folder;
    `size` is in bytes; `modified_at` is UTC without offset.
    """

    path: str
    source: str
    size: int
    modified_at: datetime


def list_landing(landing: Path) -> list[LandedFile]:
    """Return every Parquet file of the landing zone, ordered by path.

    Hidden files and folders, and names that start with an underscore, belong to the tool that
    writes them and are passed over.

    Raises:
        LandingError: the folder does not exist or cannot be listed.
    """
    if not landing.is_dir():
        raise LandingError(
            f"The landing zone {landing} is not a folder; create it or set `landing:` in lift.yml."
        )
    try:
        return sorted(_landed_files(landing), key=lambda file: file.path)
    except OSError as error:
        raise LandingError(
            f"The landing zone {landing} cannot be listed ({error.strerror});"
            " check its permissions."
        ) from error


def _landed_files(landing: Path) -> Iterator[LandedFile]:
    for path in landing.rglob("*.parquet"):
        parts = path.relative_to(landing).parts
        if len(parts) < 2 or any(part.startswith((".", "_")) for part in parts):
            continue
        status = path.stat()
        if not path.is_file():
            continue
        yield LandedFile(
            path="/".join(parts),
            source=parts[0],
            size=status.st_size,
            modified_at=datetime.fromtimestamp(status.st_mtime, UTC).replace(tzinfo=None),
        )


def content_hash(path: Path) -> str:
    """Return the SHA-256 of the file's bytes, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
