"""The published file as readers open it: read-only, and without waiting for the lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingest.error_text import first_line
from jobs.config import Settings
from jobs.errors import JobError
from jobs.warehouse import Warehouse

PUBLICATION = "lift.duckdb"

SCHEMA_VERSION = 1
"""Raised when a published table or column goes, or changes its type, key or meaning."""

LAST_CONFIGURATION = "select config_hash from runs order by started_at desc limit 1"


def published_file(settings: Settings) -> Path:
    """Return the path of the publication."""
    return settings.publish / PUBLICATION


def connect_publication(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open the publication read-only; nothing is locked.

    Raises:
        JobError: nothing has been published yet.
        duckdb.Error: the file cannot be opened.
    """
    path = published_file(settings)
    if not path.is_file():
        raise JobError(f"{path} does not exist; run `lift nightly` first.")
    con = duckdb.connect(str(path), read_only=True, config=Warehouse.of(settings).limits)
    con.execute("set TimeZone = 'UTC'")
    return con


@contextmanager
def read_publication(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the publication for a command that only reads it.

    Raises:
        JobError: nothing has been published yet, or the file cannot be read.
    """
    try:
        with connect_publication(settings) as con:
            yield con
    except duckdb.Error as error:
        path = published_file(settings)
        raise JobError(
            f"{path} cannot be read ({first_line(error)}); run `lift nightly` again."
        ) from error


def settings_changed(con: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Return whether the last nightly run had another configuration."""
    return con.execute(LAST_CONFIGURATION).fetchall() not in ([], [(settings.config_hash(),)])
