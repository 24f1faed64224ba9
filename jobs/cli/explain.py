"""`lift explain`: why identifiers are one person, what became of a message, how a result came."""

from typing import Annotated, Literal

import typer

from jobs.cli.options import (
    DEFAULT_CONFIG,
    Config,
    Debug,
    LogFormat,
    begin,
    examples,
    experience_names,
)
from jobs.cli.terminal import console, write_json, write_rows
from jobs.errors import UsageError

explain = typer.Typer(name="explain", help="Explain a person, a message or a result.")

UNIT_FORMATS = {
    "text": "format csv, header true",
    "json": "format json, timestampformat '%Y-%m-%dT%H:%M:%S.%f'",
}


@explain.command(epilog=examples("lift explain person u1", "lift explain person u1 u2"))
def person(
    identifier: Annotated[
        str, typer.Argument(metavar="ID", help="Any identifier: user_id:u1, or only u1.")
    ],
    other: Annotated[
        str | None,
        typer.Argument(metavar="OTHER", help="Begin with the links between ID and this one."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Print every list in full, however long it is.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Explain why identifiers are one person."""
    from jobs.cli.explain_person import print_explanation
    from jobs.cli.explain_records import person_records
    from jobs.explain.explanation import explain_person

    found = explain_person(begin(config, log_format, debug), identifier, other, everything)
    if log_format == "json":
        write_json(person_records(found))
    else:
        print_explanation(console, found)


@explain.command(epilog=examples("lift explain message 3f1c"))
def message(
    message_id: Annotated[
        str, typer.Argument(metavar="ID", help="The messageId, as in fct_events.")
    ],
    config: Config = DEFAULT_CONFIG,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Explain what became of a message."""
    from jobs.cli.explain_message import message_records, print_message
    from jobs.explain.message import explain_message

    found = explain_message(begin(config, log_format, debug), message_id)
    if log_format == "json":
        write_json(message_records(found))
    else:
        print_message(console, found)


@explain.command(epilog=examples("lift explain experience 'Pricing Page' --members"))
def experience(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="The name of an experience, flag or campaign.",
            autocompletion=experience_names,
        ),
    ],
    members: Annotated[
        bool, typer.Option("--members", help="List its units as CSV, one per line.")
    ] = False,
    segment: Annotated[
        str | None, typer.Option(metavar="S", help="Explain this audience segment only.")
    ] = None,
    arm: Annotated[
        Literal["control", "personalized"] | None,
        typer.Option(help="With --members: list the units of this arm only."),
    ] = None,
    conversion: Annotated[
        str | None, typer.Option(metavar="C", help="Explain this conversion only.")
    ] = None,
    vendor_bridge: Annotated[
        bool,
        typer.Option("--vendor-bridge", help="Explain why the vendor shows another figure."),
    ] = False,
    config: Config = DEFAULT_CONFIG,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Explain how a result was computed."""
    from jobs.cli.explain_experience import print_result
    from jobs.cli.explain_records import result_records
    from jobs.explain.experience import explain_experience
    from jobs.explain.unit_list import unit_list

    settings = begin(config, log_format, debug)
    if members and vendor_bridge:
        raise UsageError("--members and --vendor-bridge print different things; choose one.")
    if members:
        with unit_list(settings, name, segment, arm, conversion) as (con, units):
            write_rows(con, units, UNIT_FORMATS[log_format])
        return
    if arm is not None:
        raise UsageError("--arm filters the list of units; add --members.")
    if vendor_bridge:
        from jobs.cli.explain_bridge import bridge_records, print_bridge
        from jobs.explain.vendor_bridge import explain_bridge

        bridge = explain_bridge(settings, name, segment, conversion)
        if log_format == "json":
            write_json(bridge_records(bridge))
        else:
            print_bridge(console, bridge)
        return
    found = explain_experience(settings, name, segment, conversion)
    if log_format == "json":
        write_json(result_records(found))
    else:
        print_result(console, settings, found)
