"""`lift demo`: arguments in, a landing zone out."""

from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.options import Debug, LogFormat
from jobs.cli.terminal import say, show_progress, start_logging
from jobs.errors import UsageError


def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where the landing zone is written.")
    ],
    visitors: Annotated[
        int, typer.Option(min=100, help="How many visitors the company had.")
    ] = 20_000,
    days: Annotated[int, typer.Option(min=14, help="Over how many days.")] = 30,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal files.")] = 7,
    layout: Annotated[
        str, typer.Option(help="How messages are landed: raw, data-lakes or s3.")
    ] = "raw",
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Write a landing zone with a known lift, its lift.yml and truth.json."""
    from jobs.demo import write_demo

    start_logging(log_format, debug)
    with show_progress(log_format) as steps:
        steps.step("demo")
        try:
            written = write_demo(folder, visitors=visitors, days=days, seed=seed, layout=layout)
        except (ValueError, FileExistsError) as error:
            raise UsageError(str(error)) from error
    say(
        f"{written.messages:,} messages of {written.visitors:,} visitors in {written.files:,} files"
        f" under {folder}; now run: lift nightly --config {folder / 'lift.yml'}"
    )
