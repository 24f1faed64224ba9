"""Removes what earlier demos have landed."""

import re
from pathlib import Path

from jobs.demo.landing.data_lakes import DATA
from jobs.demo.landing.files import source_key
from jobs.demo.landing.s3 import DUMMY_OBJECT, DUMMY_TEXT, LOGS
from jobs.demo.ledger import Source
from jobs.demo.messages import PROJECT_IDS

_KEY = f"({'|'.join(source_key(source) for source in Source)})"
_ID = f"({'|'.join(PROJECT_IDS)})"
_DAY = r"day=\d{4}-\d\d-\d\d"
_LANDED = re.compile(
    rf"{_KEY}/({_DAY}/)?part-\d\d+\.parquet"
    rf"|{DATA}/{_KEY}/segment_type=\w+/{_DAY}/part-\d\d+\.parquet"
    rf"|{LOGS}/{_ID}/\d+/part-\d\d+\.gz"
)
"""The paths that the writers of all layouts give to a file."""


def remove_landing(landing: Path) -> None:
    """Remove the files that a demo has landed, in whatever layout, and the folders this empties.

    Nothing that somebody else has put there is touched.
    """
    for path in sorted(landing.rglob("*")):
        if path.is_file() and _is_ours(path, landing):
            path.unlink()
            _remove_empty_folders(path.parent, landing)


def _is_ours(path: Path, landing: Path) -> bool:
    name = path.relative_to(landing).as_posix()
    if name == DUMMY_OBJECT:
        return path.read_bytes() == DUMMY_TEXT
    return _LANDED.fullmatch(name) is not None


def _remove_empty_folders(folder: Path, landing: Path) -> None:
    """Remove `folder` and those above it, up to `landing`, as long as they are empty."""
    while folder != landing and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
