"""The terminal: logs, progress, sentences and rows. Only the command line writes to it."""

import json
import logging
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from io import TextIOWrapper
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

import rich.progress
from rich.console import Console
from rich.logging import RichHandler
from rich.text import Text

from ingest.progress import Progress
from jobs.words import printable

if TYPE_CHECKING:
    import duckdb

log = logging.getLogger("jobs.nightly")

# A scheduler's log has no width; 110 columns keep its tables readable.
# The output is data: brackets are not markup, and `:smile:` is not an emoji.
console = Console(
    width=None if sys.stdout.isatty() else 110, markup=False, emoji=False, highlight=False
)
error_console = Console(stderr=True, markup=False, emoji=False, highlight=False)


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object: time, level, logger, message, and its `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        return json.dumps(
            {
                "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": record.getMessage(),
                **getattr(record, "fields", {}),
            }
        )


class TextFormatter(logging.Formatter):
    """Writes a message with its control characters escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the message, line by line."""
        return _escaped(super().format(record))


def start_logging(log_format: str, debug: bool) -> None:
    """Log to standard error, as text or as one JSON object per line."""
    handler: logging.Handler
    if log_format == "json":
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter())
        level = logging.INFO
    else:
        handler = RichHandler(console=error_console, show_path=False, show_time=False)
        handler.setFormatter(TextFormatter())
        level = logging.DEBUG if debug else logging.WARNING
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)


class Steps(Progress):
    """Shows the running step on the terminal and how far it is."""

    def __init__(self, bar: rich.progress.Progress) -> None:
        """Show nothing until a step begins."""
        self.bar = bar
        self.began = time.monotonic()

    def step(self, name: str) -> None:
        """Show that a step begins."""
        log.info("%s begins", name)
        for task in self.bar.task_ids:
            self.bar.remove_task(task)
        self.bar.add_task(name, total=None, detail="")
        self.began = time.monotonic()

    def built(self, node: str, index: int, total: int) -> None:
        """Show which model or check starts."""
        self._update(index, total, node)

    def staged(self, rows: int, size: int, size_to_read: int) -> None:
        """Show how many messages are staged, how fast, and how long the rest will take."""
        seconds = time.monotonic() - self.began
        messages = f"{rows:,} messages, {rows / max(seconds, 0.001):,.0f}/s"
        left = seconds * (size_to_read / max(size, 1) - 1)
        log.info("staged %s, %.0f s left", messages, left)
        self._update(size, size_to_read, messages)

    def _update(self, completed: int, total: int, detail: str) -> None:
        for task in self.bar.task_ids:
            self.bar.update(task, completed=completed, total=total, detail=detail)


@contextmanager
def show_progress(log_format: str) -> Iterator[Steps]:
    """Show the running step, and how far it is where that is known."""
    columns = (
        rich.progress.SpinnerColumn(),
        rich.progress.TextColumn("{task.description}", markup=False),
        rich.progress.BarColumn(bar_width=24),
        rich.progress.TextColumn("{task.fields[detail]}", markup=False),
        rich.progress.TimeElapsedColumn(),
        rich.progress.TimeRemainingColumn(),
    )
    is_hidden = log_format == "json"
    with rich.progress.Progress(
        *columns, console=error_console, transient=True, disable=is_hidden
    ) as bar:
        yield Steps(bar)


def say(words: str) -> None:
    """Print a sentence to standard output."""
    console.print(Text(_escaped(words)), soft_wrap=True)


def complain(words: str) -> None:
    """Print an error to standard error."""
    error_console.print(Text(_escaped(words), "red"), soft_wrap=True)


def print_section(console: Console, title: str, lines: Iterable[str]) -> None:
    """Print a title, its lines indented and never wrapped, and an empty line."""
    console.print(Text(title, "bold"), soft_wrap=True)
    for line in lines:
        console.print(Text(f"  {printable(line)}"), soft_wrap=True)
    console.print()


def columns(rows: Sequence[Sequence[Text]], sides: str) -> list[Text]:
    """Return rows as lines in columns, each to its side, l or r; none ends in a space.

    A row of one cell stretches over the columns.
    """
    widths = [
        max(cell.cell_len for cell in column)
        for column in zip(*(row for row in rows if len(row) == len(sides)), strict=True)
    ]
    lines = []
    for row in rows:
        line = Text()
        for cell, side, width in zip(row, sides, widths, strict=False):
            gap = " " * (width - cell.cell_len)
            line.append_text(Text.assemble(gap, cell) if side == "r" else Text.assemble(cell, gap))
            line.append("  ")
        line.rstrip()
        lines.append(line)
    return lines


def flow(phrases: Iterable[Text], width: int, first: str, rest: str) -> Iterator[Text]:
    """Yield lines of at most `width` cells, broken between phrases only.

    The first line begins with `first`, the others with `rest`; a phrase that is wider than the
    rest of a line has one of its own.
    """
    line = Text(first)
    is_empty = True
    for phrase in phrases:
        if not is_empty and line.cell_len + 1 + phrase.cell_len > width:
            yield line
            line, is_empty = Text(rest), True
        line = Text.assemble(line, "" if is_empty else " ", phrase)
        is_empty = False
    yield line


def prose(words: str, width: int, style: str = "") -> Iterator[Text]:
    """Yield text in lines of at most `width` cells, broken between words."""
    return flow((Text(word, style) for word in words.split()), width, "", "")


def write_json(records: Iterable[Mapping[str, Any]]) -> None:
    """Write records to standard output, one JSON object per line."""
    for record in records:
        sys.stdout.write(json.dumps(record, default=_as_json) + "\n")


def write_rows(con: "duckdb.DuckDBPyConnection", query: str, form: str) -> None:
    """Write the rows of a query to standard output, in a format of `copy`.

    Files and pipes receive them unchanged. On a terminal, control characters are escaped.
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


def escape_unencodable() -> None:
    """Escape characters that the terminal's encoding lacks, so that no name ends a run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _escaped(words: str) -> str:
    return "\n".join(printable(line) for line in words.split("\n"))


def _as_json(value: Any) -> str | float:
    return value.isoformat() if isinstance(value, date) else float(value)
