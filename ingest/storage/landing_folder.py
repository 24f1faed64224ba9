"""Whether `landing` names the right folder: before the first message, a wrong one looks empty."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from ingest.errors import LandingFolderError
from ingest.storage.landing import Listing
from ingest.storage.paths import recognise

LOOKED_FOR = (
    "looked for <source>/….parquet, segment-logs/<source>/<day>/….gz and"
    " <source>/segment_type=…/….parquet"
)
PARTITION = re.compile(r".+=.*|\d[\d-]*")
"""Names of folders below a source: `day=2026-05-01`, `2026`, `1777593600000`."""
FOLDERS_ABOVE = 4
"""A source, its event table, and folders for the date: so deep an export is nested."""


def check_landing_folder(landing: str, listing: Listing, sources: Collection[str]) -> None:
    """Refuse a landing zone that is empty, or whose folders show that it begins elsewhere.

    Meant for a warehouse without messages. `sources` are the folders that the configuration knows.

    Raises:
        LandingFolderError: says what was looked for, what was found, and which folder it should be.
    """
    paths = [*(file.path for file in listing.files), *listing.passed_over]
    if any(not PARTITION.fullmatch(f.source) or f.source in sources for f in listing.files):
        below = _begins_below([file.path for file in listing.files], sources)
        if below is None:
            return
        fitting: str | None = f"{landing.rstrip('/')}/{below}"
    else:
        fitting = _begins_above(landing, paths)
    raise LandingFolderError(
        f"{landing} is not the folder of an export: {LOOKED_FOR}, found {_found(paths)};"
        f" {_remedy(fitting)}"
    )


def _begins_above(landing: str, paths: Sequence[str]) -> str | None:
    """Return the nearest folder above, as seen from which the paths are those of an export."""
    root, *folders = _parts(landing)
    for up in range(1, min(FOLDERS_ABOVE, len(folders)) + 1):
        above = "/".join(folders[-up:])
        seen = [recognise(f"{above}/{path}") for path in paths]
        if any(found and not PARTITION.fullmatch(found.source) for found in seen):
            return "/".join([root.rstrip("/"), *folders[:-up]]) or "/"
    return None


def _begins_below(paths: Sequence[str], sources: Collection[str]) -> str | None:
    """Return the folder below that holds every source, unless this one holds some."""
    starts = {_start(path, sources) for path in paths}
    return starts.pop() if len(starts) == 1 else None


def _start(path: str, sources: Collection[str]) -> str | None:
    """Return the folders above the source of a raw file, or None where it has none."""
    found = recognise(path)
    folders = path.split("/")[:-1]
    if found is None or found.layout != "raw" or folders[0] in sources:
        return None
    for depth, name in enumerate(folders):
        if name in sources:
            return "/".join(folders[:depth])
        if name.startswith("day=") and depth > 1:
            return "/".join(folders[: depth - 1])
    return None


def _parts(landing: str) -> list[str]:
    """Return the bucket or the root, and the folders below it."""
    if "://" not in landing:
        return list(Path(landing).absolute().parts)
    scheme, _, rest = landing.partition("://")
    bucket, *folders = [name for name in rest.split("/") if name]
    return [f"{scheme}://{bucket}", *folders]


def _found(paths: Sequence[str]) -> str:
    if not paths:
        return "no files"
    more = f" and {len(paths) - 1:,} more" if len(paths) > 1 else ""
    return f"{min(paths)}{more}"


def _remedy(fitting: str | None) -> str:
    if fitting is None:
        return "set it to the folder that holds a folder for each source"
    return f"set it to {fitting}"
