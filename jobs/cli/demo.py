"""`lift demo`: a landing zone with a known lift."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from jobs.cli.options import Debug, LogFormat
from jobs.cli.terminal import say, show_progress, start_logging
from jobs.errors import UsageError


def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Write the landing zone to this folder.")
    ],
    visitors: Annotated[int, typer.Option(min=100, help="Simulate this many visitors.")] = 20_000,
    days: Annotated[int, typer.Option(min=14, help="Simulate this many days.")] = 30,
    seed: Annotated[int, typer.Option(help="Set the seed; equal seeds give equal files.")] = 7,
    layout: Annotated[
        Literal["raw", "data-lakes", "s3"],
        typer.Option(help="Write the messages in this layout of the landing zone."),
    ] = "raw",
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Write a landing zone with a known lift.

    Writes lift.yml and truth.json beside it.
    """
    from jobs.demo import write_demo

    start_logging(log_format, debug)
    with show_progress(log_format) as steps:
        steps.step("demo")
        try:
            written = write_demo(folder, visitors=visitors, days=days, seed=seed, layout=layout)
        except (ValueError, FileExistsError) as error:
            raise UsageError(str(error)) from error
    say(
        f"Wrote {written.messages:,} messages of {written.visitors:,} visitors to {written.files:,}"
        f" files in {folder}; now run: lift nightly --config {folder / 'lift.yml'}"
    )
