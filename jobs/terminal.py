"""The terminal: who writes where, in which form. Only the command layer speaks to it."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from jobs.errors import UsageError

# Where no terminal says how wide it is, as in a scheduler's log, a table is not squeezed.
console = Console(width=None if sys.stdout.isatty() else 110)
error_console = Console(stderr=True)


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
        level = logging.DEBUG if debug else logging.WARNING
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)


@contextmanager
def show_progress(
    log_format: str,
) -> Iterator[tuple[Callable[[str], None], Callable[[str, int, int], None]]]:
    """Show the running step, and how far it is where that is known."""
    log = logging.getLogger("jobs.nightly")
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24),
        TextColumn("{task.fields[detail]}"), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(
        *columns, console=error_console, transient=True, disable=log_format == "json"
    ) as bar:
        tasks: list[Any] = []

        def step(name: str) -> None:
            log.info("%s begins", name)
            for task in tasks:
                bar.remove_task(task)
            tasks[:] = [bar.add_task(name, total=None, detail="")]

        def advance(node: str, index: int, total: int) -> None:
            bar.update(tasks[-1], completed=index, total=total, detail=node)

        yield step, advance


def say(words: str) -> None:
    """Print what was done."""
    console.print(words, highlight=False, soft_wrap=True)


def complain(words: str) -> None:
    """Print what went wrong, to standard error."""
    error_console.print(words, style="red", highlight=False, soft_wrap=True, markup=False)
