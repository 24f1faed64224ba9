"""The `lift` command: its arguments, its exit codes and what it prints."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer
import typer.exceptions

from ingest.error_text import first_line
from jobs.cli.dbt_command import dbt
from jobs.cli.demo import demo
from jobs.cli.erase import erase
from jobs.cli.explain import explain
from jobs.cli.options import (
    DEFAULT_CONFIG,
    Config,
    Debug,
    FullRefresh,
    LogFormat,
    begin,
    examples,
    print_version,
)
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
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples("lift demo demo", "lift nightly --config demo/lift.yml"),
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.add_typer(explain)


@app.callback()
def lift(
    is_version_asked: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=print_version, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Measure whether the personalized experience converted better than control.

    For whom, and whether the result can be trusted: see `lift COMMAND --help` for each command.
    """


@app.command(epilog=examples("lift nightly", "lift nightly --log-format json"))
def nightly(
    config: Config = DEFAULT_CONFIG,
    full_refresh: FullRefresh = False,
    profile: Annotated[
        bool,
        typer.Option("--profile", help="Print the seconds of each step and of the slowest models."),
    ] = False,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Run the scheduled job.

    Ingests, builds, checks, publishes, exports and reports. If a step fails, the previous
    publication stays as it was.
    """
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


@app.command(epilog=examples("lift ingest", "lift ingest --accept web/part-00.parquet"))
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
    """Stage new and changed files.

    A file that cannot be read is named and left out.
    """
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


@app.command(epilog=examples("lift build", "lift build --full-refresh"))
def build(
    config: Config = DEFAULT_CONFIG,
    full_refresh: FullRefresh = False,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Build the models and run the checks.

    Nothing is published; run `lift publish` afterwards.
    """
    from jobs.build.run import build_models
    from jobs.warehouse import run_lock

    settings = begin(config, log_format, debug, writes=True)
    with run_lock(settings, "lift build"), show_progress(log_format) as steps:
        steps.step("build")
        report = build_models(settings, full_refresh=full_refresh, progress=steps)
    say(f"Built {report.models} models; {report.checks} checks passed.")


app.command(epilog=examples("lift publish", "lift publish --list", "lift publish --rollback"))(
    publish
)


@app.command(epilog=examples("lift export", "lift export --members small_company"))
def export(
    config: Config = DEFAULT_CONFIG,
    members: Annotated[
        str | None,
        typer.Option(
            metavar="SEGMENT",
            help="Print the current members of a user segment as CSV, and write nothing.",
        ),
    ] = None,
    log_format: LogFormat = "text",
    debug: Debug = False,
) -> None:
    """Write the published tables to files.

    Also writes who joined and left user segments.
    """
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


@app.command(epilog=examples("lift doctor", "lift doctor --log-format json"))
def doctor(
    config: Config = DEFAULT_CONFIG, log_format: LogFormat = "text", debug: Debug = False
) -> None:
    """List findings, and what destinations drop.

    Exits with 1 if a finding is an error. Reads the publication only.
    """
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


@app.command(epilog=examples("lift status"))
def status(
    config: Config = DEFAULT_CONFIG, log_format: LogFormat = "text", debug: Debug = False
) -> None:
    """Show connections, freshness and runs.

    Also lists the publications that `lift publish --rollback` can go to. Reads the publication
    only.
    """
    from jobs.cli.status import print_status, status_records, utc_now
    from jobs.status.run import read_status

    now = utc_now()
    found = read_status(begin(config, log_format, debug), now)
    if log_format == "json":
        write_json(status_records(found))
    else:
        print_status(console, found, now)


app.command(epilog=examples("lift results", "lift results 'Pricing Page' --conversion order"))(
    results
)
app.command(epilog=examples("lift plan", "lift plan --preview 'Hi {{first_name|there}}'"))(plan)
app.command(epilog=examples("lift report", "lift report --png 'Pricing Page'"))(report)


app.command(
    epilog=examples("lift erase --user-id u1 --dry-run", "lift erase --from ids.txt --yes")
)(erase)


app.command(epilog=examples("lift demo demo", "lift demo demo --layout s3 --days 14"))(demo)
app.command(epilog=examples("lift schema > lift.schema.json"))(schema)


app.command(
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    },
    add_help_option=False,
    epilog=examples("lift dbt build -s +fct_experience_lift", "lift dbt docs serve"),
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
