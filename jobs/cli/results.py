"""`lift results`: the table of verdicts of the publication."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import duckdb
import typer
from rich.console import Console

from jobs.cli.options import (
    DEFAULT_CONFIG,
    Config,
    Debug,
    LogFormat,
    begin,
    experience_names,
)
from jobs.cli.terminal import console, write_json

if TYPE_CHECKING:
    from jobs.config import Settings
    from jobs.results.verdicts import Result, Selection


def results(
    experience: Annotated[
        str | None,
        typer.Argument(
            metavar="EXPERIENCE",
            help="Show every row of this experience.",
            autocompletion=experience_names,
        ),
    ] = None,
    conversion: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Show this conversion, not the main one."),
    ] = None,
    metric: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Show this metric: conversion_rate, conversions_per_visitor, value_per_visitor or"
            " value_per_conversion.",
        ),
    ] = "conversion_rate",
    everything: Annotated[
        bool, typer.Option("--all", help="Show every experience and every audience segment.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Print the verdicts of the last publication.

    What changed since the previous publication comes first. Works while a night runs.
    """
    from jobs.cli.suggestions import print_what_is_missing
    from jobs.publication import read_publication
    from jobs.results.changes import find_changes
    from jobs.results.verdicts import Selection, read_results

    settings = begin(config, log_format, debug)
    is_json = log_format == "json"
    everything = everything or experience is not None or is_json
    selection = Selection(experience, conversion, metric, everything)
    with read_publication(settings) as con:
        has_previous = find_changes(con, settings)
        found = read_results(con, selection)
        if is_json:
            write_json(result_records(found))
        elif found:
            print_verdicts(console, con, settings, found, selection, has_previous=has_previous)
        else:
            print_what_is_missing(console, con, settings, has_results=False)


def print_verdicts(
    console: Console,
    con: duckdb.DuckDBPyConnection,
    settings: "Settings",
    found: "list[Result]",
    selection: "Selection",
    *,
    has_previous: bool,
) -> None:
    """Print what changed since the previous publication, if there is one, and the verdicts."""
    from jobs.cli.verdicts import print_changes, print_results
    from jobs.results.changes import read_changes

    if has_previous:
        shown = {(found[0].conversion, found[0].metric)}
        changes = [
            change
            for change in read_changes(con)
            if (change.conversion, change.metric) in shown
            and selection.experience in (None, change.experience)
        ]
        print_changes(console, changes, everything=selection.everything)
    print_results(console, found, settings.statistics.alpha)


def result_records(found: "list[Result]") -> Iterator[dict[str, Any]]:
    """Yield one record per row."""
    for result in found:
        record = asdict(result)
        for name in ("title", "label", "row_count", "experience_count"):
            del record[name]
        yield record
