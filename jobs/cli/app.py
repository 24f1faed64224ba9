"""The `lift` command: its arguments, its exit codes and what it prints."""

import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
import typer.exceptions

from ingest.error_text import first_line
from jobs.cli.dbt_command import dbt
from jobs.cli.demo import demo
from jobs.cli.explain import explain
from jobs.cli.options import DEFAULT_CONFIG, Config, Debug, LogFormat, begin
from jobs.cli.plan import plan
from jobs.cli.publish import publish
from jobs.cli.report import report
from jobs.cli.results import results
from jobs.cli.schema import schema
from jobs.cli.terminal import (
    complain,
    console,
    escape_unencodable,
    say,
    show_progress,
    write_json,
)
from jobs.errors import JobError
from jobs.stopping import Stopped, leave, stop_on_signals

app = typer.Typer(
    name="lift",
    help="Measure whether the personalized experience converted better than control, for whom,"
    " and whether the result can be trusted.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.add_typer(explain)


@app.command()
def nightly(
    config: Config = DEFAULT_CONFIG,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Recompute everything from the raw tables.")
    ] = False,
    profile: Annotated[
        bool,
        typer.Option("--profile", help="Print the seconds of each step and of the slowest models."),
    ] = False,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Run the scheduled job: ingest, build, check, publish, export, report."""
    from jobs.nightly.run import nightly as run_night

    settings = begin(config, log_format, debug, lands=True)
    with show_progress(log_format) as steps:
        report = run_night(settings, full_refresh=full_refresh, progress=steps)
    if log_format == "json":
        return
    from jobs.cli.night_summary import print_profile, print_summary

    print_summary(console, settings, report)
    if profile:
        print_profile(console, report)


@app.command()
def ingest(
    config: Config = DEFAULT_CONFIG,
    accept: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Allow this file to be published despite its rejected rows."
        ),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove rows whose landing file no longer exists.")
    ] = False,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Stage new and changed files of the landing zone."""
    from jobs.ingest import run as staging
    from jobs.warehouse import run_lock

    settings = begin(config, log_format, debug, lands=True)
    with run_lock(settings, "lift ingest"):
        if accept is not None:
            staging.accept_file(settings, accept)
            say(f"{accept} can be published despite its rejected rows.")
            return
        with show_progress(log_format) as steps:
            steps.step("ingest")
            report = staging.ingest(settings, prune=prune, progress=steps)
    say(
        f"Staged {report.rows_landed:,} rows from {report.files_staged:,} files;"
        f" {report.rows_rejected:,} rejected."
    )
    for words in staging.remarks(report):
        say(words)


@app.command()
def build(
    config: Config = DEFAULT_CONFIG, log_format: LogFormat = "text", debug: Debug = False
) -> None:
    """Build the models and run the integrity checks."""
    from jobs.build.run import build_models
    from jobs.warehouse import run_lock

    settings = begin(config, log_format, debug, writes=True)
    with run_lock(settings, "lift build"), show_progress(log_format) as steps:
        steps.step("build")
        report = build_models(settings, progress=steps)
    say(f"Built {report.models} models; {report.checks} checks passed.")


app.command()(publish)


@app.command()
def export(
    config: Config = DEFAULT_CONFIG,
    members: Annotated[
        str | None,
        typer.Option(
            metavar="SEGMENT",
            help="Write nothing; print the current members of a user segment with their email,"
            " as CSV.",
        ),
    ] = None,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Write the published tables and the segment changes to files."""
    from jobs.cli.members import print_members
    from jobs.export.run import export_marts
    from jobs.warehouse import run_lock

    settings = begin(config, log_format, debug, writes=members is None)
    if members is not None:
        print_members(settings, members)
        return
    with run_lock(settings, "lift export"), show_progress(log_format) as steps:
        steps.step("export")
        report = export_marts(settings)
    say(f"Exported {report.files} files to {report.folder}.")
    for words in report.segments.words():
        say(words)
    if report.segments.file is not None:
        say(f"The segment changes are in {report.segments.file}.")


@app.command()
def doctor(
    config: Config = DEFAULT_CONFIG, log_format: LogFormat = "text", debug: Debug = False
) -> None:
    """List what destinations drop and the findings; exit with 1 if one is an error."""
    from jobs.cli.findings import print_chains, print_findings
    from jobs.doctor.run import examine

    chains, findings = examine(begin(config, log_format, debug))
    if log_format == "json":
        write_json({"kind": "delivery", **asdict(chain)} for chain in chains)
        write_json({"kind": "finding", **asdict(finding)} for finding in findings)
    else:
        print_chains(console, chains)
        print_findings(console, findings)
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(1)


@app.command()
def status(
    config: Config = DEFAULT_CONFIG, log_format: LogFormat = "text", debug: Debug = False
) -> None:
    """Show whether destinations receive, how fresh sources are, and the last runs."""
    from jobs.cli.status import print_status, status_records, utc_now
    from jobs.status.run import read_status

    now = utc_now()
    found = read_status(begin(config, log_format, debug), now)
    if log_format == "json":
        write_json(status_records(found))
    else:
        print_status(console, found, now)


app.command()(results)
app.command()(plan)
app.command()(report)


@app.command()
def erase(
    config: Config = DEFAULT_CONFIG,
    user_id: Annotated[
        list[str] | None,
        typer.Option("--user-id", metavar="ID", help="Erase this person; repeat for several."),
    ] = None,
    from_file: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="FILE", help="Erase the user ids of this file, one per line."
        ),
    ] = None,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Remove persons everywhere, and keep them out from now on."""
    from jobs.cli.erasure_receipt import print_receipt, receipt_lines
    from jobs.erase import run as erasure

    settings = begin(config, log_format, debug, writes=True)
    user_ids = erasure.read_user_ids(user_id or [], from_file)
    with show_progress(log_format) as steps:
        receipt = erasure.erase(settings, user_ids, progress=steps)
    if log_format == "json":
        for words in receipt_lines(receipt):
            logging.getLogger("jobs.erase").info("%s", words)
    else:
        print_receipt(console, receipt)


app.command()(demo)
app.command()(schema)


app.command(
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    },
    add_help_option=False,
)(dbt)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the code of the interface: 0, 1, 2 or 3."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    escape_unencodable()
    stop_on_signals()
    for argument in arguments:
        if any("\ud800" <= letter <= "\udfff" for letter in argument):
            complain(f"The argument {argument} is not UTF-8; write it in UTF-8.")
            sys.exit(2)
    try:
        code = app(arguments or ["--help"], standalone_mode=False)
    except typer.exceptions.TyperException as error:
        message = " ".join(error.format_message().split()).replace(": Value error, ", ": ")
        complain(f"{message.rstrip('.')}; see `lift --help`.")
        sys.exit(2)
    except Stopped as stopped:
        leave(stopped)
    except typer.Abort:
        complain("Stopped; nothing was changed.")
        sys.exit(1)
    except JobError as error:
        complain(str(error))
        if debug:
            raise
        sys.exit(error.exit_code)
    except Exception as error:
        if debug:
            raise
        complain(f"Unexpected error ({first_line(error)}); run again with --debug to see where.")
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
