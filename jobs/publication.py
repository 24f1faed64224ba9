"""The published file as readers open it: read-only, and never waiting for the lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from jobs.config import Settings
from jobs.errors import JobError, reason

PUBLICATION = "lift.duckdb"

LAST_NIGHT = "select config_hash from runs order by started_at desc limit 1"


def published_file(settings: Settings) -> Path:
    """Return where the publication lies."""
    return settings.publish / PUBLICATION


@contextmanager
def read_publication(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the publication for reading; nothing is locked and nothing is written.

    Raises:
        JobError: nothing has been published yet, or what is there cannot be read.
    """
    path = published_file(settings)
    if not path.is_file():
        raise JobError(f"{path} does not exist; run `lift nightly` first.")
    try:
        with duckdb.connect(str(path), read_only=True) as con:
            yield con
    except duckdb.Error as error:
        raise JobError(
            f"{path} cannot be read ({reason(error)}); run `lift nightly` again."
        ) from error


def settings_changed(con: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Return whether the last night had another configuration."""
    return con.execute(LAST_NIGHT).fetchall() not in ([], [(settings.config_hash(),)])
