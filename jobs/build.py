"""Build the models by dbt, with the configuration compiled into its variables."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ingest.ledger import create_raw_tables
from jobs.dbt_process import LOG_FILE, DbtResult, Progress, invoke_dbt
from jobs.errors import JobError
from jobs.settings import Settings
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
        con.execute("update raw.builds set is_whole = true")
    return _report(result)


def build_selected(
    settings: Settings, arguments: Sequence[str], progress: Progress | None = None
) -> DbtResult:
    """Run a dbt command that builds or tests nodes, and return what became of each."""
    return invoke_dbt(
        dbt_arguments(settings, arguments),
        dbt_environment(settings),
        dbt_folder(settings),
        progress,
    )


def run_dbt(settings: Settings, arguments: Sequence[str]) -> int:
    """Run any dbt command with the compiled configuration and return dbt's exit code.

    What builds a part of the models leaves the whole to the next `lift build`.
    """
    if arguments and arguments[0] in ("build", "run") and _begin_build(settings, MANUAL):
        arguments = [*arguments, "--full-refresh"]
    folder = dbt_folder(settings)
    return subprocess.run(
        dbt_command(settings, arguments), env=dbt_environment(settings), cwd=folder, check=False
    ).returncode


def project_folder() -> Path:
    """Return the dbt project: the one inside the installed package, else the root of the clone."""
    packaged = Path(__file__).parent / "warehouse_project"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent


def dbt_folder(settings: Settings) -> Path:
    """Return the folder beside the warehouse where dbt keeps its parsed project and its logs."""
    folder = settings.warehouse.parent / "dbt"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def dbt_command(settings: Settings, arguments: Sequence[str], *flags: str) -> list[str]:
    """Return the command line of a dbt invocation; `flags` are dbt's global ones."""
    return [
        *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", *flags),
        *dbt_arguments(settings, arguments),
    ]


def dbt_arguments(settings: Settings, arguments: Sequence[str]) -> list[str]:
    """Return the arguments of a dbt invocation: its own, and where and of what the project is."""
    if arguments and arguments[0] in ("--version", "--help"):
        return list(arguments)
    project = str(project_folder())
    variables = json.dumps(settings.dbt_vars())
    return [
        *arguments, "--project-dir", project, "--profiles-dir", project, "--vars", variables
    ]  # fmt: skip


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
        flattened = con.execute("select true from raw.messages where is_flattened limit 1")
        fingerprint = _fingerprint(settings, reads_flattened=bool(flattened.fetchall()))
        before = con.execute("select is_whole, fingerprint from raw.builds").fetchall()
        con.execute("begin")
        con.execute("delete from raw.builds")
        con.execute(BEGIN_BUILD, {"fingerprint": fingerprint, "run_id": run_id})
        con.execute("commit")
    return before != [(True, fingerprint)]


def _fingerprint(settings: Settings, *, reads_flattened: bool) -> str:
    """Return a hash of all that makes rows of equal messages: the variables and the models.

    What is kept and hangs on the breakdowns looks after itself: other ones are no reason to begin
    from nothing. Only a data lake's flattened messages are read by the keys that they name.
    """
    variables = settings.dbt_vars() | {"breakdowns": []}
    if not reads_flattened:
        variables["flattened_keys"] = {}
    digest = sha256(json.dumps(variables, sort_keys=True).encode())
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
    )


if __name__ == "__main__":
    from jobs.command import main

    main(["build", *sys.argv[1:]])
