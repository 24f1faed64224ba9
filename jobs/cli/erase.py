"""`lift erase`: remove persons everywhere, and keep them out."""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.options import DEFAULT_CONFIG, Config, Debug, LogFormat, begin
from jobs.cli.terminal import console, show_progress
from jobs.errors import UsageError
from jobs.words import count_of, printable

SHOWN = 5


def erase(
    user_id: Annotated[
        list[str] | None,
        typer.Option("--user-id", metavar="ID", help="Erase this person; repeat for several."),
    ] = None,
    from_file: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="FILE", help="Erase the user ids of this file, one per line."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the receipt and change nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before erasing.")] = False,
    unseen: Annotated[
        bool,
        typer.Option("--unseen", help="Keep an id out from now on although no message has it."),
    ] = False,
    config: Config = DEFAULT_CONFIG,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Remove persons everywhere, and keep them out.

    Asks first on a terminal. If no message has one of the ids, nothing is erased.
    """
    from jobs.cli.erasure_receipt import print_receipt, receipt_lines
    from jobs.erase import run as erasure

    settings = begin(config, log_format, debug, writes=True)
    user_ids = erasure.read_user_ids(user_id or [], from_file)
    if dry_run:
        receipt = erasure.preview(settings, user_ids, unseen=unseen)
    else:
        if sys.stdin.isatty() and not yes:
            _ask(user_ids)
        with show_progress(log_format) as steps:
            receipt = erasure.erase(settings, user_ids, unseen=unseen, progress=steps)
    if log_format == "json":
        for words in receipt_lines(receipt):
            logging.getLogger("jobs.erase").info("%s", words)
    else:
        print_receipt(console, receipt, is_preview=dry_run)


def _ask(user_ids: Sequence[str]) -> None:
    """Ask whether to erase these persons.

    Raises:
        UsageError: the answer is not yes.
    """
    named = ", ".join(map(printable, user_ids[:SHOWN]))
    more = f" and {len(user_ids) - SHOWN:,} more" if len(user_ids) > SHOWN else ""
    question = f"Erase {count_of(len(user_ids), 'person')} ({named}{more})? It cannot be undone."
    if not typer.confirm(question, err=True):
        raise UsageError("Nothing was erased.")
