"""Sets of fetched files that one statement stages."""

from collections.abc import Sequence
from typing import Protocol

import duckdb

from ingest.erasure import Erasure
from ingest.landing import FetchedFile, LandedFile, UnreadableFileError
from ingest.parquet_files import parquet_sets
from ingest.segment_logs import LogSet


class FileSet(Protocol):
    """Files of one layout that are staged together."""

    @property
    def files(self) -> tuple[FetchedFile, ...]:
        """The files, in the order of their ids."""

    def stage(
        self, con: duckdb.DuckDBPyConnection, first_file_id: int, erasure: Erasure | None
    ) -> list[int | UnreadableFileError]:
        """Insert the rows of the files, numbered from `first_file_id`; erased ones without content.

        Returns the landed rows of each file, or why it cannot be read to its end; such a file has
        left no row.

        Raises:
            Exception: nothing is known of the files; the transaction is void.
        """

    def after(self, con: duckdb.DuckDBPyConnection, error: Exception) -> "Sequence[FileSet] | str":
        """Return the sets to stage instead, or why the only file cannot be read.

        Raises:
            Exception: the error itself, when it speaks of this machine and not of a file.
        """


def file_sets(files: list[FetchedFile]) -> tuple[list[FileSet], list[tuple[LandedFile, str]]]:
    """Group files that one statement can read, and name those that hold no messages."""
    logs = tuple(fetched for fetched in files if fetched.file.layout == "s3")
    tables, unreadable = parquet_sets([f for f in files if f.file.layout != "s3"])
    sets: list[FileSet] = [*tables]
    if logs:
        sets.append(LogSet(logs))
    return sets, unreadable
