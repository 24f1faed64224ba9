"""The job's own DuckDB file: opening it, and the lock that keeps a second run out."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from jobs.config import Settings
from jobs.errors import JobError, LockedError, reason


@contextmanager
def run_lock(settings: Settings) -> Iterator[None]:
    """Hold the warehouse for one run. The lock ends with the process, however it ends.

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
            holder = stream.read().strip() or "unknown"
            raise LockedError(
                f"Another run (process {holder}) holds {path}; wait for it to end, or stop it."
            ) from error
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield


@contextmanager
def open_warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for writing, within the resources of `lift.yml`, and close it cleanly.

    Raises:
        JobError: the file is no DuckDB file, or another process has it open.
    """
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    temp = temp_folder(settings)
    temp.mkdir(parents=True, exist_ok=True)
    try:
        con = duckdb.connect(
            str(settings.warehouse),
            config={**limits(settings), "preserve_insertion_order": False},
        )
    except duckdb.Error as error:
        raise JobError(
            f"The warehouse {settings.warehouse} cannot be opened ({reason(error)});"
            " close what has it open, or name another file under `warehouse:`."
        ) from error
    try:
        con.execute("set TimeZone = 'UTC'")
        yield con
    finally:
        con.close()


def limits(settings: Settings) -> dict[str, str | bool | int | float | list[str]]:
    """Return the configuration of a connection that keeps to the resources of `lift.yml`."""
    return {
        "threads": settings.resources.threads,
        "memory_limit": settings.resources.memory_limit,
        "temp_directory": str(temp_folder(settings)),
    }


def temp_folder(settings: Settings) -> Path:
    """Return where DuckDB spills: a folder of the job's own in `resources.temp`, or beside it.

    What others keep in `resources.temp`, another warehouse's files too, is none of the job's.
    """
    if settings.resources.temp is None:
        return Path(f"{settings.warehouse}.tmp")
    digest = hashlib.sha256(str(settings.warehouse).encode()).hexdigest()
    return settings.resources.temp / f"segment-lift-{digest[:16]}"
