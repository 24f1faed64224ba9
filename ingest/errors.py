"""What can go wrong with the landing zone or one of its files, and what is not a file's fault."""

import duckdb

from ingest.error_text import first_line


class LandingError(Exception):
    """The landing zone itself cannot be read; nothing was changed."""


class LandingFolderError(LandingError):
    """The configuration names a folder that is not a landing zone."""


class UnreadableFileError(Exception):
    """The file cannot be fetched, is cut short or holds no messages; nothing was changed."""


MACHINE_ERRORS = (
    MemoryError,
    duckdb.OutOfMemoryException,
    duckdb.IOException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.InterruptException,
    duckdb.TransactionException,
    duckdb.ConnectionException,
)
"""Errors of memory, a disk or the warehouse: the next file would fail alike."""


def is_machine_error(error: Exception) -> bool:
    """Tell whether an error comes from this machine, and not from the file that was being read."""
    return isinstance(error, MACHINE_ERRORS)


def why_unreadable(error: Exception, what: str) -> str:
    """Return why a file that should be `what` cannot be read, by the error of reading it."""
    if isinstance(error, UnreadableFileError):
        return str(error)
    return f"not a readable {what} file: {first_line(error)}"
