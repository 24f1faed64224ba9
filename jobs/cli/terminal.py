"""The terminal: who writes where, in which form. Only the command layer speaks to it."""

import json
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from rich.console import Console
from rich.logging import RichHandler
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from ingest.progress import Staged
from jobs.cli.words import printable
from jobs.errors import UsageError

if TYPE_CHECKING:
    import duckdb

log = logging.getLogger("jobs.nightly")

# Where no terminal says how wide it is, as in a scheduler's log, a table is not squeezed.
# What is printed is data: no text is markup, and `:smile:` is no picture.
console = Console(
    width=None if sys.stdout.isatty() else 110, markup=False, emoji=False, highlight=False
)
error_console = Console(stderr=True, markup=False, emoji=False, highlight=False)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        return json.dumps(
            {
                "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": record.getMessage(),
            }
        )


class WordsFormatter(logging.Formatter):
    """A message as words, without what would steer the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record line by line."""
        return _shown(super().format(record))


def start_logging(log_format: str, debug: bool) -> None:
    """Send the log to the terminal, as words or as one JSON object a line.

    Raises:
        UsageError: the format is neither text nor json.
    """
    if log_format not in ("text", "json"):
        raise UsageError(f"--log-format {log_format} is unknown; use text or json.")
    handler: logging.Handler
    if log_format == "json":
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter())
        level = logging.INFO
    else:
        handler = RichHandler(console=error_console, show_path=False, show_time=False)
        handler.setFormatter(WordsFormatter())
        level = logging.DEBUG if debug else logging.WARNING
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)


@dataclass(slots=True)
class Steps:
    """The steps of a run as the terminal shows them: the running one, and how far it is."""

    bar: Progress
    task: TaskID | None = None
    began: float = field(default_factory=time.monotonic)

    def step(self, name: str) -> None:
        """Show that a step begins."""
        log.info("%s begins", name)
        if self.task is not None:
            self.bar.remove_task(self.task)
        self.task = self.bar.add_task(name, total=None, detail="")
        self.began = time.monotonic()

    def built(self, node: str, index: int, total: int) -> None:
        """Show how many models and checks are done."""
        self._advance(index, total, node)

    def staged(self, so_far: Staged) -> None:
        """Show how many messages are staged, how fast, and how long the rest will take."""
        seconds = time.monotonic() - self.began
        rate = so_far.rows / max(seconds, 0.001)
        rows = f"{so_far.rows:,} messages, {rate:,.0f}/s"
        left = seconds * (so_far.bytes_to_read / max(so_far.bytes, 1) - 1)
        log.info("staged %s, %.0f s left", rows, left)
        self._advance(so_far.bytes, so_far.bytes_to_read, rows)

    def _advance(self, completed: int, total: int, detail: str) -> None:
        if self.task is not None:
            self.bar.update(self.task, completed=completed, total=total, detail=detail)


@contextmanager
def show_progress(log_format: str) -> Iterator[Steps]:
    """Show the running step, and how far it is where that is known."""
    columns = (
        SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(bar_width=24),
        TextColumn("{task.fields[detail]}", markup=False), TimeElapsedColumn(),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(
        *columns, console=error_console, transient=True, disable=log_format == "json"
    ) as bar:
        yield Steps(bar)


def say(words: str) -> None:
    """Print what was done."""
    console.print(Text(_shown(words)), soft_wrap=True)


def complain(words: str) -> None:
    """Print what went wrong, to standard error."""
    error_console.print(Text(_shown(words), "red"), soft_wrap=True)


def write_rows(con: "duckdb.DuckDBPyConnection", query: str, form: str) -> None:
    """Write the rows of a query to standard output in a form of `copy`.

    A file or a pipe gets them as they are; on a terminal no name steers it.
    """
    import duckdb

    if sys.stdout.isatty():
        with NamedTemporaryFile() as rows:
            con.execute(f"copy ({query}) to '{rows.name}' ({form})")
            for line in Path(rows.name).read_text(encoding="utf-8").split("\n")[:-1]:
                say(line)
        return
    try:
        con.execute(f"copy ({query}) to '/dev/stdout' ({form})")
    except duckdb.IOException as error:
        # A reader that has seen enough, such as `head`, is not a failure.
        if "Broken pipe" not in str(error):
            raise


def write_any_character() -> None:
    """Escape what the encoding of the terminal or log lacks, so that no name ends a run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _shown(words: str) -> str:
    return "\n".join(printable(line) for line in words.split("\n"))
