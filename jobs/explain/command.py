"""`lift explain`: arguments in, an explanation out."""

from typing import Annotated

import typer

from jobs.options import DEFAULT_CONFIG, Config, Debug, LogFormat, begin
from jobs.terminal import console

explain = typer.Typer(name="explain", help="Why a result is as it is, from the publication.")


@explain.command()
def person(
    identifier: Annotated[
        str,
        typer.Argument(metavar="ID", help="Any identifier: user_id:u1, or its value alone."),
    ],
    other: Annotated[
        str | None, typer.Argument(metavar="OTHER", help="Say first what ties ID to this one.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Cut no list, however long it is.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Show why these identifiers are one person, and what happened to it."""
    from jobs.explain.explanation import explain_person
    from jobs.explain.records import json_lines
    from jobs.explain.show import print_explanation

    found = explain_person(begin(config, log_format, debug), identifier, other, everything)
    if log_format == "json":
        for line in json_lines(found):
            typer.echo(line)
    else:
        print_explanation(console, found)
