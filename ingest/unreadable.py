"""The boundary around reading one file: what goes wrong there costs that file and nothing else."""

import duckdb

from ingest.landing import UnreadableFileError

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
"""These speak of memory, a disk or the warehouse; the next file would fail alike."""


def speaks_of_this_machine(error: Exception) -> bool:
    """Tell whether an error speaks of this machine, and not of the file that was being read."""
    return isinstance(error, MACHINE_ERRORS)


def why_unreadable(error: Exception, what: str) -> str:
    """Return why a file that should be `what` cannot be read, by the error of reading it."""
    if isinstance(error, UnreadableFileError):
        return str(error)
    return f"not a readable {what} file: {first_line(error)}"


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, or its name where it has none."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
