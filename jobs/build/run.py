"""Build the models by dbt, with the configuration as rows and compiled into its variables."""

import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

import duckdb

from ingest.ledger import create_raw_tables
from ingest.progress import SILENT, Progress
from jobs.build.changes import Rebuild, drop_outdated, record_fingerprints
from jobs.build.configuration import write_configuration
from jobs.build.dbt_process import (
    LOG_FILE,
    DbtResult,
    Invocation,
    Prepare,
    invoke_dbt,
    show_dbt,
)
from jobs.config import Settings
from jobs.config.compile import dbt_vars
from jobs.config.rows import configuration_rows
from jobs.errors import JobError
from jobs.files import remove_database
from jobs.warehouse import Warehouse, marts_file, open_warehouse

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
    """What dbt built. `seconds` maps a model or check to its run time in seconds.

    `peak_memory` is the most that dbt had, in bytes.
    """

    models: int
    checks: int
    seconds: dict[str, float]
    peak_memory: int


def build_models(
    settings: Settings,
    *,
    full_refresh: bool = False,
    run_id: str = MANUAL,
    progress: Progress = SILENT,
) -> BuildReport:
    """Build every model and run every integrity check, in one dbt invocation.

    After a build that ended well, a model is built whole only if it changed, or one that it reads;
    the others take in what is new. After any other build, all models are built whole.

    Raises:
        BuildError: names the model or check that failed and why.
    """
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    from_nothing = not _begin_build(settings, run_id).was_whole or full_refresh
    if from_nothing:
        arguments.append("--full-refresh")
    remove_database(marts_file(settings))  # every mart is written again, into a file without gaps
    prepare = partial(drop_outdated, settings, dbt_vars(settings), from_nothing)
    result = build_selected(settings, arguments, progress, prepare)
    if not result.success:
        raise BuildError(_failure(result, dbt_folder(settings)))
    rebuild: Rebuild = result.prepared
    log.info("%d models were built whole", len(rebuild.models))
    with open_warehouse(settings) as con:
        con.execute("begin")
        con.execute("update raw.builds set is_whole = true")
        record_fingerprints(con, rebuild, run_id)
        con.execute("update raw.files set is_built = true where not is_built")
        con.execute("commit")
    return _report(result)


def is_current(settings: Settings, con: duckdb.DuckDBPyConnection) -> bool:
    """Return whether the models are those of all that is staged, under these settings."""
    create_raw_tables(con)
    if not marts_file(settings).exists():
        return False
    if _last_build(con, _fingerprint(settings)) != LastBuild(was_whole=True, is_alike=True):
        return False
    unlike: int = con.execute(UNLIKE_STAGED).fetchall()[0][0]
    return not unlike


def build_selected(
    settings: Settings,
    arguments: Sequence[str],
    progress: Progress = SILENT,
    prepare: Prepare | None = None,
) -> DbtResult:
    """Run a dbt command that builds or tests nodes, and return what became of each."""
    return invoke_dbt(invocation(settings, arguments, prepare), progress)


def run_dbt(settings: Settings, arguments: Sequence[str]) -> int:
    """Run any dbt command with the compiled configuration and return dbt's exit code.

    What may change the warehouse leaves the whole to the next `lift build`.
    """
    command = dbt_subcommand(arguments)
    if command and command not in READ_ONLY:
        last = _begin_build(settings, MANUAL)
        if command in ("build", "run") and not (last.was_whole and last.is_alike):
            arguments = [*arguments, "--full-refresh"]
    return show_dbt(invocation(settings, arguments))


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


def invocation(
    settings: Settings, arguments: Sequence[str], prepare: Prepare | None = None
) -> Invocation:
    """Return an invocation of dbt on the models, with the compiled configuration."""
    return Invocation(
        arguments, dbt_environment(settings), dbt_folder(settings), dbt_vars(settings), prepare
    )


def dbt_environment(settings: Settings) -> dict[str, str]:
    """Return the child's environment: this process's, and where and with what dbt works."""
    folder, warehouse = dbt_folder(settings), Warehouse.of(settings)
    return os.environ | {
        # As seen from the folder: what dbt has parsed holds for a job that was moved, too.
        "LIFT_WAREHOUSE": os.path.relpath(warehouse.path, folder),
        "LIFT_MARTS": os.path.relpath(marts_file(settings), folder),
        "LIFT_EVENTS": settings.publication.events,
        "LIFT_THREADS": str(warehouse.threads),
        "LIFT_MEMORY_LIMIT": warehouse.memory_limit,
        "LIFT_TEMP": os.path.relpath(warehouse.temp, folder),
        "DBT_PROJECT_DIR": str(project_folder()),
        "DBT_PROFILES_DIR": str(project_folder()),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        # Writing down every statement takes a tenth of a small night.
        "DBT_LOG_LEVEL_FILE": "info",
    }


@dataclass(frozen=True, slots=True)
class LastBuild:
    """Whether the last build ended well, and had the same configuration and models."""

    was_whole: bool
    is_alike: bool


def _begin_build(settings: Settings, run_id: str) -> LastBuild:
    """Mark the models as in the making, and return what the last build was.

    Until the build has ended well its marts may not be published.
    """
    with open_warehouse(settings) as con:
        create_raw_tables(con)
        write_configuration(con, settings)
        fingerprint = _fingerprint(settings)
        last = _last_build(con, fingerprint)
        con.execute("begin")
        con.execute("delete from raw.builds")
        con.execute(BEGIN_BUILD, {"fingerprint": fingerprint, "run_id": run_id})
        con.execute("commit")
    return last


def _last_build(con: duckdb.DuckDBPyConnection, fingerprint: str) -> LastBuild:
    builds = con.execute("select is_whole, fingerprint from raw.builds").fetchall()
    return LastBuild(
        was_whole=[is_whole for is_whole, _ in builds] == [True],
        is_alike=[known for _, known in builds] == [fingerprint],
    )


def _fingerprint(settings: Settings) -> str:
    """Return a hash of all that a build is made by: the configuration and every file of SQL."""
    digest = sha256(json.dumps(dbt_vars(settings), sort_keys=True).encode())
    digest.update(repr(configuration_rows(settings)).encode())
    for folder in ("models", "macros"):
        for path in sorted((project_folder() / folder).rglob("*.sql")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


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
        peak_memory=result.peak_memory,
    )
