"""Files that are replaced whole: what is on disk before it gets its name."""

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


def remove_database(path: Path) -> None:
    """Remove a DuckDB file that nobody has open, and its log of writes."""
    path.unlink(missing_ok=True)
    remove_logs(path)


def remove_logs(path: Path) -> None:
    """Remove the logs of writes beside a DuckDB file that only the job may write to.

    The job leaves none, so what lies there is a client's: it belongs to the file that the client
    opened, and no reader could open another file beside it.
    """
    for suffix in _LOGS:
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)


class OwnFiles:
    """A folder in which others may keep files too: the job touches only those that it wrote.

    Their names are listed in the folder before they are written, so that a run that dies leaves
    nothing that the next one would take for somebody else's.
    """

    LIST = ".written-by-lift"

    def __init__(self, folder: Path) -> None:
        """Read which files of the folder are the job's."""
        self.folder = folder
        self._list = folder / self.LIST
        self.names = set(self._list.read_text().splitlines()) if self._list.exists() else set()

    def claim(self, names: Iterable[str]) -> list[str]:
        """List these names as the job's and return those that lie there and are not.

        If any are not the job's, nothing is listed and nothing may be written.
        """
        new = set(names) - self.names
        foreign = sorted(name for name in new if os.path.lexists(self.folder / name))
        if new and not foreign:
            self._write_list(self.names | new)
        return foreign

    def adopt(self, names: Iterable[str]) -> None:
        """List files as the job's that an earlier version wrote, before there was a list."""
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
        """Remove what the job wrote, these files aside, and what a run that died left of it."""
        kept = set(names)
        for name in self.names:
            self.pending(name).unlink(missing_ok=True)
            if name not in kept:
                (self.folder / name).unlink(missing_ok=True)
        if self.names != kept:
            self._write_list(kept)

    def _write_list(self, names: set[str]) -> None:
        if not names:
            self._list.unlink(missing_ok=True)
        else:
            fresh = self.folder / f"{self.LIST}.new"
            fresh.write_text("".join(f"{name}\n" for name in sorted(names)))
            sync(fresh)
            fresh.replace(self._list)
            sync(self.folder)
        self.names = names
