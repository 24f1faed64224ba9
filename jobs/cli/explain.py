"""`lift explain`: arguments in, an explanation out."""

from typing import Annotated

import typer

from jobs.cli.options import DEFAULT_CONFIG, Config, Debug, LogFormat, begin
from jobs.cli.terminal import console
from jobs.errors import UsageError

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
    from jobs.cli.explain_person import print_explanation
    from jobs.cli.explain_records import json_lines
    from jobs.explain.explanation import explain_person

    found = explain_person(begin(config, log_format, debug), identifier, other, everything)
    if log_format == "json":
        for line in json_lines(found):
            typer.echo(line)
    else:
        print_explanation(console, found)


@explain.command()
def experience(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The experience, flag or campaign.")],
    members: Annotated[
        bool, typer.Option("--members", help="Print its units as CSV, one a line.")
    ] = False,
    segment: Annotated[
        str | None, typer.Option(metavar="S", help="Only this audience segment.")
    ] = None,
    arm: Annotated[
        str | None, typer.Option(metavar="ARM", help="Of --members: control or personalized only.")
    ] = None,
    conversion: Annotated[
        str | None, typer.Option(metavar="C", help="Only this conversion.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Show how its result came about, from landed messages to the verdict."""
    from jobs.cli.explain_experience import print_result
    from jobs.cli.explain_records import result_lines
    from jobs.explain.experience import explain_experience
    from jobs.explain.unit_list import print_units

    settings = begin(config, log_format, debug)
    if members:
        print_units(settings, name, segment, arm, conversion, log_format)
        return
    if arm is not None:
        raise UsageError("--arm filters the list of units; add --members.")
    found = explain_experience(settings, name, segment, conversion)
    if log_format == "json":
        for line in result_lines(found):
            typer.echo(line)
    else:
        print_result(console, settings, found)
