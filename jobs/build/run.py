"""Build the models by dbt, with the configuration as rows and compiled into its variables."""

import json
import logging
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import duckdb

from ingest.ledger import create_raw_tables
from jobs.build.configuration import write_configuration
from jobs.build.dbt_process import LOG_FILE, DbtResult, Progress, dbt_command_line, invoke_dbt
from jobs.config import Settings
from jobs.config.rows import configuration_rows
from jobs.errors import JobError
from jobs.warehouse import open_warehouse, temp_folder

log = logging.getLogger(__name__)

MANUAL = "manual"
"""What stands for a run where a step was run by hand."""

# A step that is run by hand is a run of its own.
BEGIN_BUILD = """
insert into raw.builds (is_whole, fingerprint, run_id, started_at)
select
    false,
    $fingerprint,
    $run_id,
    coalesce(
        (select started_at from raw.runs where run_id = $run_id), now() at time zone 'UTC'
    )
"""


# Files whose rows are others now than those that the last build read.
UNLIKE_STAGED = """
with staged as (
    select file_id, revision from raw.files
),

read as (
    select file_id, revision from intermediate.int_files_read
)

select count(*)
from ((from staged except from read) union all (from read except from staged))
"""

READ_ONLY = frozenset(
    {
        *("clean", "compile", "debug", "deps", "docs", "init"),
        *("list", "ls", "parse", "show", "source", "test"),
    }
)
"""The commands of dbt that change nothing in the warehouse."""


class BuildError(JobError):
    """A model or an integrity check failed; what was published stays as it was."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What dbt built. `seconds` maps a model or check to its run time in seconds."""

    models: int
    checks: int
    seconds: dict[str, float]


def build_models(
    settings: Settings,
    *,
    full_refresh: bool = False,
    run_id: str = MANUAL,
    progress: Progress | None = None,
) -> BuildReport:
    """Build every model and run every integrity check, in one dbt invocation.

    What is kept from build to build is taken over only from one that ended well, with the same
    configuration and models; else everything is computed from the raw tables anew.

    Raises:
        BuildError: names the model or check that failed and why.
    """
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    if _begin_build(settings, run_id) or full_refresh:
        arguments.append("--full-refresh")
    result = build_selected(settings, arguments, progress)
    if not result.success:
        raise BuildError(_failure(result, dbt_folder(settings)))
    with open_warehouse(settings) as con:
        con.execute("begin")
        con.execute("update raw.builds set is_whole = true")
        con.execute("update raw.files set is_built = true where not is_built")
        con.execute("commit")
    return _report(result)


def is_current(settings: Settings, con: duckdb.DuckDBPyConnection) -> bool:
    """Return whether the models are those of all that is staged, under these settings."""
    create_raw_tables(con)
    fingerprint = _fingerprint(settings, reads_flattened=_reads_flattened(con))
    built = con.execute("select is_whole, fingerprint from raw.builds").fetchall()
    if built != [(True, fingerprint)]:
        return False
    unlike: int = con.execute(UNLIKE_STAGED).fetchall()[0][0]
    return not unlike


def build_selected(
    settings: Settings, arguments: Sequence[str], progress: Progress | None = None
) -> DbtResult:
    """Run a dbt command that builds or tests nodes, and return what became of each."""
    return invoke_dbt(
        dbt_arguments(settings, arguments),
        dbt_environment(settings),
        dbt_folder(settings),
        progress,
        settings.dbt_vars(),
    )


def run_dbt(settings: Settings, arguments: Sequence[str]) -> int:
    """Run any dbt command with the compiled configuration and return dbt's exit code.

    What may change the warehouse leaves the whole to the next `lift build`.
    """
    command = dbt_subcommand(arguments)
    if command and command not in READ_ONLY:
        starts_from_nothing = _begin_build(settings, MANUAL)
        if starts_from_nothing and command in ("build", "run"):
            arguments = [*arguments, "--full-refresh"]
    return subprocess.run(
        dbt_command_line(dbt_arguments(settings, arguments)),
        input=json.dumps(settings.dbt_vars()).encode(),
        env=dbt_environment(settings),
        cwd=dbt_folder(settings),
        check=False,
    ).returncode


def dbt_subcommand(arguments: Sequence[str]) -> str | None:
    """Return the name of dbt's command, whatever flags stand before it; None if dbt has none."""
    import click
    from dbt.cli.main import cli

    try:
        _, rest, _ = cli.make_parser(click.Context(cli)).parse_args(list(arguments))
    except click.UsageError:
        return None  # dbt itself says what is wrong
    return rest[0] if rest and rest[0] in cli.commands else None


def project_folder() -> Path:
    """Return the dbt project: the one inside the installed package, else the root of the clone."""
    packaged = Path(__file__).parents[1] / "warehouse_project"
    return packaged if packaged.is_dir() else Path(__file__).parents[2]


def dbt_folder(settings: Settings) -> Path:
    """Return the folder beside the warehouse where dbt keeps its parsed project and its logs."""
    folder = settings.warehouse.parent / "dbt"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def dbt_arguments(settings: Settings, arguments: Sequence[str]) -> list[str]:
    """Return the arguments of a dbt invocation: its own, and where the project is."""
    if arguments and arguments[0] in ("--version", "--help"):
        return list(arguments)
    project = str(project_folder())
    return [*arguments, "--project-dir", project, "--profiles-dir", project]


def dbt_environment(settings: Settings) -> dict[str, str]:
    """Return the child's environment: this process's, and where and with what dbt works."""
    folder = dbt_folder(settings)
    return os.environ | {
        # As seen from the folder: what dbt has parsed holds for a job that was moved, too.
        "LIFT_WAREHOUSE": os.path.relpath(settings.warehouse, folder),
        "LIFT_THREADS": str(settings.resources.threads),
        "LIFT_MEMORY_LIMIT": settings.resources.memory_limit,
        "LIFT_TEMP": os.path.relpath(temp_folder(settings), folder),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        # Writing down every statement takes a tenth of a small night.
        "DBT_LOG_LEVEL_FILE": "info",
    }


def _begin_build(settings: Settings, run_id: str) -> bool:
    """Mark the models as in the making; return whether they have to be made from nothing.

    Until the build has ended well its marts may not be published.
    """
    with open_warehouse(settings) as con:
        create_raw_tables(con)
        write_configuration(con, settings)
        fingerprint = _fingerprint(settings, reads_flattened=_reads_flattened(con))
        before = con.execute("select is_whole, fingerprint from raw.builds").fetchall()
        con.execute("begin")
        con.execute("delete from raw.builds")
        con.execute(BEGIN_BUILD, {"fingerprint": fingerprint, "run_id": run_id})
        con.execute("commit")
    return before != [(True, fingerprint)]


def _fingerprint(settings: Settings, *, reads_flattened: bool) -> str:
    """Return a hash of all that makes rows of equal messages: the configuration and the models.

    What is kept and hangs on the breakdowns looks after itself: other ones are no reason to begin
    from nothing. Only a data lake's flattened messages are read by the keys that they name.
    """
    variables = settings.dbt_vars() | {"breakdowns": []}
    if not reads_flattened:
        variables["flattened_keys"] = {}
    digest = sha256(json.dumps(variables, sort_keys=True).encode())
    digest.update(repr(configuration_rows(settings)).encode())
    for folder in ("models", "macros"):
        for path in sorted((project_folder() / folder).rglob("*.sql")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _reads_flattened(con: duckdb.DuckDBPyConnection) -> bool:
    return bool(con.execute("select true from raw.messages where is_flattened limit 1").fetchall())


def _failure(result: DbtResult, folder: Path) -> str:
    remedy = f"read {folder / LOG_FILE}, then run `lift build` again"
    for node in result.nodes:
        if node.status in ("error", "fail"):
            kind = "check" if node.kind == "test" else node.kind
            message = " ".join(node.message.split())
            return f"The {kind} {node.name} failed ({message}); {remedy}."
    said = " ".join(result.error.split())
    return f"dbt failed ({said[:500] or 'it gave no reason'}); {remedy}."


def _report(result: DbtResult) -> BuildReport:
    return BuildReport(
        models=sum(node.kind == "model" for node in result.nodes),
        checks=sum(node.kind == "test" for node in result.nodes),
        seconds={node.name: node.seconds for node in result.nodes},
    )
