"""The job's own DuckDB files: opening them, and the lock that keeps a second run out."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from jobs.config import Settings
from jobs.errors import JobError, LockedError


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
            f"The warehouse {settings.warehouse} cannot be opened ({_first_line(error)});"
            " close what has it open, or name another file under `warehouse:`."
        ) from error
    try:
        con.execute("set TimeZone = 'UTC'")
        yield con
    finally:
        con.close()


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
        JobError: see `open_warehouse`.
    """
    with open_warehouse(settings) as con:
        attach_marts(con, marts_file(settings))
        [(warehouse,)] = con.execute("select current_database()").fetchall()
        path = f"{quoted(warehouse)}.main,{MARTS}.main"
        con.execute(f"set search_path = '{path.replace(chr(39), chr(39) * 2)}'")
        yield con


def attach_marts(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Attach a file of marts, in the format of the publication if it is new."""
    con.execute(
        f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as {MARTS}"
        f" (storage_version '{STORAGE}')"
    )


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


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


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0]
