"""`lift plan`: what the configuration would match, and what tests need."""

from dataclasses import asdict
from typing import Annotated

import typer

from jobs.cli.options import DEFAULT_CONFIG, Config, Debug, LogFormat, begin
from jobs.cli.terminal import console, show_progress, write_json
from jobs.errors import UsageError


def plan(
    config: Config = DEFAULT_CONFIG,
    preview: Annotated[
        str | None,
        typer.Option(
            metavar="TEMPLATE",
            help="Fill in this text for one person, as in 'Hi {{first_name|there}}'.",
        ),
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="With --preview: the person, by any identifier: user_id:u1, or only u1.",
        ),
    ] = None,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Show what triggers match and what tests need.

    Reads what has landed and writes nothing.
    """
    from jobs.cli.plan_segments import print_plan, print_preview
    from jobs.plan.matches import read_plan
    from jobs.plan.preview import preview_text

    settings = begin(config, log_format, debug)
    if preview is not None and person is not None:
        filled = preview_text(settings, preview, person)
        if log_format == "json":
            write_json([{"kind": "preview", **asdict(filled)}])
        else:
            print_preview(console, filled)
        return
    if preview is not None or person is not None:
        raise UsageError("--preview and --person need each other; give both.")
    with show_progress(log_format) as steps:
        steps.step("plan")
        found = read_plan(settings)
    if log_format == "text":
        print_plan(console, settings, found)
        return
    write_json({"kind": "segment", **asdict(rule)} for rule in found.rules)
    write_json({"kind": "audience", **asdict(audience)} for audience in found.audiences)
    write_json({"kind": "conversion", **asdict(each)} for each in found.conversions)
    write_json({"kind": "sample_size", **asdict(size)} for size in found.sample_sizes)
