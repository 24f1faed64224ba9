"""The job's own DuckDB files: how they are opened, and the lock that keeps a second run out."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingest.error_text import first_line
from ingest.sql import literal, quoted
from jobs.config import Settings
from jobs.errors import JobError, LockedError


@dataclass(frozen=True, slots=True)
class Warehouse:
    """The job's own DuckDB file and the resources to open it with."""

    path: Path
    threads: int
    memory_limit: str
    temp: Path

    @classmethod
    def of(cls, settings: Settings) -> "Warehouse":
        """Return the warehouse of `lift.yml`.

        It spills to a folder of its own, in `resources.temp` or beside the file: others may keep
        files in `resources.temp` too.
        """
        path, resources = settings.warehouse, settings.resources
        temp = Path(f"{path}.tmp")
        if resources.temp is not None:
            digest = hashlib.sha256(str(path).encode()).hexdigest()
            temp = resources.temp / f"segment-lift-{digest[:16]}"
        return cls(path, resources.threads, resources.memory_limit, temp)

    @property
    def limits(self) -> dict[str, str | bool | int | float | list[str]]:
        """The configuration that keeps a DuckDB connection within the resources."""
        return {
            "threads": self.threads,
            "memory_limit": self.memory_limit,
            "temp_directory": str(self.temp),
        }

    @contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the file for writing, and close it cleanly.

        Raises:
            JobError: the file is not a DuckDB file, or another process has it open.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.temp.mkdir(parents=True, exist_ok=True)
        try:
            con = duckdb.connect(
                str(self.path), config={**self.limits, "preserve_insertion_order": False}
            )
        except duckdb.Error as error:
            raise JobError(
                f"The warehouse {self.path} cannot be opened ({first_line(error)});"
                " close what has it open, or name another file under `warehouse:`."
            ) from error
        with con:
            con.execute("set TimeZone = 'UTC'")
            yield con


@contextmanager
def run_lock(settings: Settings, command: str = "lift") -> Iterator[None]:
    """Keep other runs out while `command` runs. The lock ends with the process, however it ends.

    Raises:
        LockedError: another run holds it.
    """
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    path = settings.warehouse.with_suffix(".lock")
    with path.open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            stream.seek(0)
            holder = stream.read().strip() or "an unknown process"
            raise LockedError(
                f"Another run holds {path}: {holder}; wait for it to end, or stop it."
            ) from error
        stream.truncate(0)
        since = datetime.now(UTC)
        stream.write(f"`{command}`, process {os.getpid()}, since {since:%Y-%m-%d %H:%M:%S} UTC")
        stream.flush()
        try:
            yield
        finally:
            stream.truncate(0)


def open_warehouse(settings: Settings) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """Open the warehouse of `lift.yml`, see `Warehouse.open`."""
    return Warehouse.of(settings).open()


MARTS = "publication"
"""What the file of the marts is called where it is attached, and where its copy is made."""

STORAGE = "v1.4.0"
"""The oldest DuckDB that can open the marts, and so the publication."""


def marts_file(settings: Settings) -> Path:
    """Return where a build writes the marts: what is published is a copy of this file."""
    return settings.warehouse.with_name(f"{settings.warehouse.stem}.marts.duckdb")


@contextmanager
def open_marts(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse with the marts beside it: the name of a mart alone is found in either.

    Raises:
        JobError: see `Warehouse.open`.
    """
    with open_warehouse(settings) as con:
        attach_marts(con, marts_file(settings))
        [(warehouse,)] = con.execute("select current_database()").fetchall()
        path = f"{quoted(warehouse)}.main,{MARTS}.main"
        con.execute(f"set search_path = {literal(path)}")
        yield con


def attach_marts(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Attach a file of marts, in the format of the publication if it is new."""
    con.execute(f"attach {literal(str(path))} as {MARTS} (storage_version '{STORAGE}')")
