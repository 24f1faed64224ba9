"""Files that are replaced as a whole: their bytes are on disk before they get their name."""

import filecmp
import os
from collections.abc import Iterable
from pathlib import Path

# What DuckDB keeps beside a file that somebody writes to.
_LOGS = (".wal", ".wal.checkpoint", ".wal.recovery")


def sync(path: Path) -> None:
    """Wait until a file, or the entries of a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_in_place(fresh: Path, target: Path) -> None:
    """Replace `target` by a finished file of the same folder; a crash leaves one of the two."""
    sync(fresh)
    fresh.replace(target)
    sync(target.parent)


def remove_database(path: Path) -> None:
    """Remove a DuckDB file that nobody has open, and its write-ahead log."""
    path.unlink(missing_ok=True)
    remove_logs(path)


def remove_logs(path: Path) -> None:
    """Remove the write-ahead logs beside a DuckDB file that only the job may write to.

    The job leaves none. A log found here belongs to the file that some client opened, and DuckDB
    cannot open another file beside it.
    """
    for suffix in _LOGS:
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)


class OwnFiles:
    """A folder that others may use too: the job touches only the files that it wrote.

    A list in the folder names them. A name is listed before its file is written, so that the next
    run recognizes what a run that died has left.
    """

    LIST = ".written-by-lift"

    def __init__(self, folder: Path) -> None:
        """Read which files of the folder are the job's."""
        self.folder = folder
        self._list = folder / self.LIST
        self.names = set(self._list.read_text().splitlines()) if self._list.exists() else set()

    def claim(self, names: Iterable[str]) -> list[str]:
        """List these names as the job's; return those that exist and are somebody else's.

        If there are any of those, nothing is listed and nothing may be written.
        """
        new = set(names) - self.names
        foreign = sorted(name for name in new if os.path.lexists(self.folder / name))
        if new and not foreign:
            self._write_list(self.names | new)
        return foreign

    def adopt(self, names: Iterable[str]) -> None:
        """List files that an earlier version of the job wrote, before there was a list."""
        self._write_list(self.names | set(names))

    def pending(self, name: str) -> Path:
        """Return where a file is written before it gets its name."""
        return self.folder / f".{name}.new"

    def commit(self, name: str) -> Path:
        """Give a pending file its name, unless the file of that name holds the same bytes."""
        pending, target = self.pending(name), self.folder / name
        if target.is_file() and filecmp.cmp(pending, target, shallow=False):
            pending.unlink()
        else:
            pending.replace(target)
        return target

    def remove_all_but(self, names: Iterable[str] = ()) -> None:
        """Remove every file that the job wrote except these, and what a run that died has left."""
        kept = set(names)
        for name in self.names:
            self.pending(name).unlink(missing_ok=True)
            if name not in kept:
                (self.folder / name).unlink(missing_ok=True)
        if self.names != kept:
            self._write_list(kept)

    def _write_list(self, names: set[str]) -> None:
        if names:
            fresh = self.folder / f"{self.LIST}.new"
            fresh.write_text("".join(f"{name}\n" for name in sorted(names)))
            put_in_place(fresh, self._list)
        else:
            self._list.unlink(missing_ok=True)
        self.names = names
