"""dbt in a process of its own: what it opens and holds in memory goes with it.

Its variables never pass through `--vars`: that is YAML, which refuses some characters and long
keys, on a command line, which has an end.
"""

import json
import logging
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any

from ingest.progress import SILENT, Progress

LOG_FILE = Path("logs") / "dbt.log"
# dbt would put every event of every statement in words, twice, and write down the whole project:
# a fifth of a small build.
QUIET = ("--log-level", "none", "--log-level-file", "none", "--no-write-json")


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What became of a model or a check, and its run time in seconds."""

    name: str
    kind: str
    status: str
    message: str
    seconds: float


@dataclass(frozen=True, slots=True)
class DbtResult:
    """What became of an invocation; `error` says why it broke off."""

    success: bool
    error: str
    nodes: tuple[NodeResult, ...] = ()


def invoke_dbt(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    progress: Progress = SILENT,
    variables: Mapping[str, Any] | None = None,
) -> DbtResult:
    """Run dbt in `folder`, report each node that starts, and return what became of them.

    What dbt says is added to `LOG_FILE` in the folder.
    """
    context = get_context("forkserver")
    reports, sender = context.Pipe(duplex=False)
    process = context.Process(
        target=_invoke,
        args=(sender, list(arguments), dict(variables or {}), dict(environment), folder),
    )
    with _nameless_main():
        process.start()
    sender.close()
    try:
        return _follow(reports, progress)
    except EOFError:
        return DbtResult(False, "its process was killed")
    finally:
        reports.close()  # which stops a process that goes on
        process.join()


def dbt_command_line(arguments: Sequence[str]) -> list[str]:
    """Return a command that runs dbt at the terminal; it reads the variables as JSON from stdin."""
    return [sys.executable, "-c", "from jobs.build.dbt_process import main; main()", *arguments]


def main() -> None:
    """Run dbt as its own command would, with the variables of stdin; exit with its code."""
    from dbt.cli.exceptions import DbtUsageException
    from dbt.cli.main import dbtRunner

    done = dbtRunner().invoke(sys.argv[1:], vars=json.load(sys.stdin.buffer))
    if isinstance(done.exception, DbtUsageException):
        sys.stderr.write(f"{done.exception}\n")  # which dbt leaves to its caller
    sys.exit(0 if done.success else 2 if done.exception else 1)


@contextmanager
def _nameless_main() -> Iterator[None]:
    """Hide the script that runs: a process that starts would run it again, guarded or not."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _follow(reports: Connection, progress: Progress) -> DbtResult:
    while not isinstance(report := reports.recv(), DbtResult):
        progress.built(*report)
    return report


def _invoke(
    reports: Connection,
    arguments: list[str],
    variables: dict[str, Any],
    environment: dict[str, str],
    folder: Path,
) -> None:
    os.environ.clear()  # what it inherits is as old as the server of its forks
    os.environ.update(environment)
    os.chdir(folder)
    with suppress(BrokenPipeError, KeyboardInterrupt):  # stopped: nobody waits for it any more
        reports.send(_run_dbt(reports, arguments, variables))


def _run_dbt(reports: Connection, arguments: list[str], variables: dict[str, Any]) -> DbtResult:
    """Run dbt in this process, send each node that starts, and return the result."""
    from dbt.cli.main import dbtRunner

    log = _open_log()
    sending = threading.Lock()

    def report(event: Any) -> None:
        if event.info.level == "debug":
            return
        log.info(event.info.msg)
        if event.info.name == "LogStartLine":
            data = event.data
            with sending:
                reports.send((data.node_info.node_name, data.index, data.total))

    done = dbtRunner(callbacks=[report]).invoke([*QUIET, *arguments], vars=variables)
    if done.exception:
        log.error(done.exception)
    return DbtResult(
        success=done.success,
        error=str(done.exception or ""),
        nodes=tuple(
            NodeResult(
                name=result.node.name,
                kind=result.node.resource_type.value,
                status=result.status.value,
                message=result.message or "",
                seconds=result.execution_time,
            )
            for result in getattr(done.result, "results", ())
        ),
    )


def _open_log() -> logging.Logger:
    LOG_FILE.parent.mkdir(exist_ok=True)
    handler = RotatingFileHandler(LOG_FILE, maxBytes=10 * 2**20, backupCount=5, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log = logging.getLogger("dbt.log")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(handler)
    return log
