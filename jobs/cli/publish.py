"""`lift publish`: replace the published file, list what can be gone back to, or go back."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from jobs.cli.options import DEFAULT_CONFIG, Config, Debug, LogFormat, begin
from jobs.cli.terminal import columns, console, say, show_progress, write_json
from jobs.errors import UsageError
from jobs.words import printable

if TYPE_CHECKING:
    from jobs.publish.generations import Generation


def publish(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN", help="With --rollback: a run or file of --list; else the one before."
        ),
    ] = None,
    listing: Annotated[
        bool, typer.Option("--list", help="List the publications that are kept; change nothing.")
    ] = False,
    rollback: Annotated[
        bool,
        typer.Option("--rollback", help="Put an earlier publication back; keep the newer ones."),
    ] = False,
    config: Config = DEFAULT_CONFIG,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Publish the last build, or go back.

    Readers who have the file open keep what they read. A rollback keeps what it replaces.
    """
    from jobs.publication import published_file
    from jobs.publish.generations import list_publications
    from jobs.publish.replace import rollback as go_back
    from jobs.publish.run import publish as replace
    from jobs.warehouse import run_lock

    if listing and rollback:
        raise UsageError("--list changes nothing, --rollback does; choose one.")
    if run is not None and not rollback:
        raise UsageError(f"{printable(run)} is a run to go back to; add --rollback.")
    settings = begin(config, log_format, debug, writes=not listing)
    if listing:
        found = list_publications(settings)
        if log_format == "json":
            write_json(map(asdict, found))
            return
        for line in publication_lines(found):
            console.print(line, soft_wrap=True)
        if not found:
            say("Nothing is published yet; run `lift nightly`.")
        return
    with run_lock(settings, "lift publish"):
        if rollback:
            restored = go_back(settings, run)
            say(
                f"Restored {restored.name} in {published_file(settings)}; what it replaced is kept,"
                " see `lift publish --list`. The next night publishes as always."
            )
            return
        with show_progress(log_format) as steps:
            steps.step("publish")
            report = replace(settings)
    say(f"Published {len(report.rows)} tables to {report.path}.")


def publication_lines(found: "list[Generation]") -> list[Text]:
    """Return one line per publication: its run, when it was published, its file."""
    if not found:
        return []
    rows = [
        (
            Text(each.run_id or "cannot be read"),
            Text(f"{each.published_at:%Y-%m-%d %H:%M}"),
            Text("published now", "green") if each.is_current else Text(each.file),
        )
        for each in found
    ]
    return columns(rows, "lll")
