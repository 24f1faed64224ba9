"""`lift plan`: arguments in, what would match out."""

from typing import Annotated

import typer

from jobs.cli.options import DEFAULT_CONFIG, Config, Debug, LogFormat, begin
from jobs.cli.terminal import console, show_progress
from jobs.errors import UsageError


def plan(
    config: Config = DEFAULT_CONFIG,
    preview: Annotated[
        str | None,
        typer.Option(
            metavar="TEMPLATE",
            help="Fill in a text for one person, as in 'Hi {{first_name|there}}'.",
        ),
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(metavar="ID", help="For whom: any identifier, user_id:u1 or its value alone."),
    ] = None,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Show what segments and triggers match on data already landed, and what tests need."""
    from jobs.cli.plan_records import plan_lines, preview_lines
    from jobs.cli.plan_segments import print_plan, print_preview
    from jobs.plan.matches import read_plan
    from jobs.plan.preview import preview_text

    settings = begin(config, log_format, debug)
    if preview is not None and person is not None:
        filled = preview_text(settings, preview, person)
        if log_format == "json":
            _echo(preview_lines(filled))
        else:
            print_preview(console, filled)
        return
    if preview is not None or person is not None:
        raise UsageError(
            "--preview and --person belong together; give the text and for whom it is filled in."
        )
    with show_progress(log_format) as steps:
        steps.step("plan")
        found = read_plan(settings)
    if log_format == "json":
        _echo(plan_lines(found))
    else:
        print_plan(console, settings, found)


def _echo(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line)
