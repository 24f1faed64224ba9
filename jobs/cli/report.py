"""The command that writes the report."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.options import DEFAULT_CONFIG, Config, Debug, LogFormat, begin
from jobs.cli.terminal import say, show_progress


def report(
    config: Config = DEFAULT_CONFIG,
    png: Annotated[
        str | None,
        typer.Option(
            metavar="EXPERIENCE",
            help="Write no page; draw the chart and the verdict of an experience as an image"
            " in the current folder.",
        ),
    ] = None,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Write the report for people.

    It has an overview and a page for each experience.
    """
    from jobs.report.image import make_images
    from jobs.report.run import make_report
    from jobs.warehouse import run_lock

    settings = begin(config, log_format, debug, writes=png is None)
    if png is not None:
        for path in make_images(settings, png, Path()):
            say(f"Drew {path}.")
        return
    with run_lock(settings, "lift report"), show_progress(log_format) as steps:
        steps.step("report")
        made = make_report(settings)
    say(f"Wrote {made.written:,} of {made.pages:,} pages; the report begins at {made.index}.")
