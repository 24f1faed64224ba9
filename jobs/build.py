"""Run dbt as a child process, with the configuration compiled into its variables."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ingest.ledger import create_raw_tables
from jobs.errors import JobError
from jobs.settings import Settings
from jobs.warehouse import open_warehouse, temp_folder

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]

MANUAL = "manual"
"""What stands for a run where a step was run by hand."""


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
    folder = dbt_folder(settings)
    results = folder / "target" / "run_results.json"
    results.unlink(missing_ok=True)
    process = subprocess.Popen(
        dbt_command(settings, arguments, "--log-format", "json"),
        env=dbt_environment(settings),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = _follow(process, progress)
    if process.wait() != 0:
        raise BuildError(_failure(results, said, folder))
    with open_warehouse(settings) as con:
        con.execute("update raw.builds set is_whole = true")
    return _report(results)


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
    project = str(project_folder())
    command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", *flags, *arguments]
    if arguments and arguments[0] not in ("--version", "--help"):
        command += ["--project-dir", project, "--profiles-dir", project]
        command += ["--vars", json.dumps(settings.dbt_vars())]
    return command


def dbt_environment(settings: Settings) -> dict[str, str]:
    """Return the child's environment: this process's, and where and with what dbt works."""
    folder = dbt_folder(settings)
    return os.environ | {
        "LIFT_WAREHOUSE": str(settings.warehouse),
        "LIFT_THREADS": str(settings.resources.threads),
        "LIFT_MEMORY_LIMIT": settings.resources.memory_limit,
        "LIFT_TEMP": str(temp_folder(settings)),
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
    fingerprint = _fingerprint(settings)
    with open_warehouse(settings) as con:
        create_raw_tables(con)
        before = con.execute("select is_whole, fingerprint from raw.builds").fetchall()
        con.execute("begin")
        con.execute("delete from raw.builds")
        con.execute("insert into raw.builds values (false, ?, ?)", [fingerprint, run_id])
        con.execute("commit")
    return before != [(True, fingerprint)]


def _fingerprint(settings: Settings) -> str:
    """Return a hash of all that makes rows of equal messages: the variables and the models.

    Nothing that is kept hangs on the breakdowns: other ones are no reason to begin from nothing.
    """
    variables = settings.dbt_vars() | {"breakdowns": []}
    digest = sha256(json.dumps(variables, sort_keys=True).encode())
    for folder in ("models", "macros"):
        for path in sorted((project_folder() / folder).rglob("*.sql")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _follow(process: subprocess.Popen[str], progress: Progress | None) -> list[str]:
    """Read dbt's log as it comes, report each node that starts, and keep what it says of errors."""
    errors: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        try:
            entry: dict[str, Any] = json.loads(line)
        except json.JSONDecodeError:
            errors.append(line.strip())
            continue
        info, data = entry.get("info", {}), entry.get("data", {})
        if info.get("level") == "error":
            errors.append(str(info.get("msg", "")).strip())
        if progress and "index" in data and "total" in data and "node_info" in data:
            progress(data["node_info"].get("node_name", ""), data["index"], data["total"])
    return [error for error in errors if error]


def _failure(results: Path, said: list[str], folder: Path) -> str:
    remedy = f"read {folder / 'logs' / 'dbt.log'}, then run `lift build` again"
    if results.exists():
        for result in json.loads(results.read_text())["results"]:
            if result["status"] in ("error", "fail"):
                name = result["unique_id"].split(".")[2]
                kind = "check" if result["unique_id"].startswith("test.") else "model"
                message = " ".join(str(result["message"]).split())
                return f"The {kind} {name} failed ({message}); {remedy}."
    return f"dbt failed ({' '.join(said)[:500] or 'it gave no reason'}); {remedy}."


def _report(results: Path) -> BuildReport:
    nodes = json.loads(results.read_text())["results"]
    models = [node for node in nodes if node["unique_id"].startswith("model.")]
    return BuildReport(
        models=len(models),
        checks=sum(node["unique_id"].startswith("test.") for node in nodes),
        seconds={node["unique_id"].split(".")[2]: node["execution_time"] for node in nodes},
    )


if __name__ == "__main__":
    from jobs.command import main

    main(["build", *sys.argv[1:]])
