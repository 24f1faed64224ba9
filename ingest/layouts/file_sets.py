"""Files of one layout that one statement stages, and what happens when reading them fails."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import duckdb

from ingest.erasure import Erasure
from ingest.errors import UnreadableFileError, is_machine_error, why_unreadable
from ingest.storage.landing import FetchedFile

NO_ROWS = "it holds no rows"
"""Said of a file that is whole and empty: an export that wrote nothing is worth a look."""


@dataclass(frozen=True, slots=True)
class FileSet(ABC):
    """Files of one layout that are staged together, in the order of their ids."""

    files: tuple[FetchedFile, ...]
    form: ClassVar[str]
    """What each file should be."""

    @abstractmethod
    def stage(
        self, con: duckdb.DuckDBPyConnection, first_file_id: int, erasure: Erasure | None
    ) -> list[int | UnreadableFileError]:
        """Insert the rows of the files, numbered from `first_file_id`; erased ones without content.

        Returns the landed rows of each file, or why it cannot be read to its end; such a file has
        left no row.

        Raises:
            Exception: nothing is known of the files; roll the transaction back.
        """

    def after(self, con: duckdb.DuckDBPyConnection, error: Exception) -> Sequence[Self] | str:
        """Return the sets to stage instead, or why the only file cannot be read.

        Raises:
            Exception: the error itself, when it comes from this machine and not from a file.
        """
        if is_machine_error(error) and not self.is_broken(con, error):
            raise error
        if len(self.files) == 1:
            return why_unreadable(error, self.form)
        middle = len(self.files) // 2
        return [replace(self, files=self.files[:middle]), replace(self, files=self.files[middle:])]

    def is_broken(self, con: duckdb.DuckDBPyConnection, error: Exception) -> bool:
        """Tell whether a file is to blame for an error that looks like one of this machine."""
        return False
