"""dbt in a process of its own: what it opens and holds in memory goes with it.

Its variables never pass through `--vars`: that is YAML, which refuses some characters and long
keys, on a command line, which has an end.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from ingest.progress import SILENT, Progress
from jobs.build.quiet_dbt import (
    build_events_when_read,
    forgo_old_garbage,
    hold_back_sql,
    keep_type_testers,
)

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

Prepare = Callable[["Manifest"], Any]

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
    """What became of an invocation; `error` says why it broke off.

    `prepared` is what the preparation of the build returned, `peak_memory` what `peak_memory` did
    at the end.
    """

    success: bool
    error: str = ""
    nodes: tuple[NodeResult, ...] = ()
    prepared: Any = None
    peak_memory: int = 0


def peak_memory() -> int:
    """Return the most memory that this process has had so far, in bytes."""
    return getrusage(RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@dataclass(frozen=True, slots=True)
class Invocation:
    """What dbt is asked to do: its arguments, and its variables, in a folder and an environment.

    `prepare` is called between parsing and running, with the parsed project, in dbt's process.
    """

    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    variables: Mapping[str, Any] = field(default_factory=dict)
    prepare: Prepare | None = None


def invoke_dbt(invocation: Invocation, progress: Progress = SILENT) -> DbtResult:
    """Run dbt, report each node that starts, and return what became of them.

    What dbt says is added to `LOG_FILE` in the folder.
    """
    return _in_a_process(_run_quietly, invocation, progress)


def show_dbt(invocation: Invocation) -> int:
    """Run dbt as its own command would, at this terminal, and return its exit code."""
    result = _in_a_process(_run_at_terminal, invocation)
    return 0 if result.success else 2 if result.error else 1


def _in_a_process(
    run: Callable[[Connection, Invocation], DbtResult],
    invocation: Invocation,
    progress: Progress = SILENT,
) -> DbtResult:
    context = get_context("forkserver")
    reports, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run_and_report, args=(run, sender, invocation))
    with _nameless_main():
        process.start()
    sender.close()
    try:
        while not isinstance(report := reports.recv(), DbtResult):
            progress.built(*report)
        return report
    except EOFError:
        return DbtResult(False, "its process was killed")
    except BaseException:
        process.kill()  # its transaction is rolled back
        raise
    finally:
        reports.close()
        process.join()


@contextmanager
def _nameless_main() -> Iterator[None]:
    """Hide the script that runs: a process that starts would run it again, guarded or not."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _run_and_report(
    run: Callable[[Connection, Invocation], DbtResult], reports: Connection, invocation: Invocation
) -> None:
    os.environ.clear()  # what it inherits is as old as the server of its forks
    os.environ.update(invocation.environment)
    os.chdir(invocation.folder)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    with suppress(BrokenPipeError, KeyboardInterrupt):  # a terminal's SIGINT reaches this one too
        reports.send(run(reports, invocation))


def _die_with_parent() -> None:
    """End this process when its parent ends, killed or not: it would keep the warehouse open."""
    if parent := parent_process():
        parent.join()
        os.kill(os.getpid(), signal.SIGKILL)


def _run_at_terminal(_: Connection, invocation: Invocation) -> DbtResult:
    from dbt.cli.exceptions import DbtUsageException
    from dbt.cli.main import dbtRunner

    done = dbtRunner().invoke([*invocation.arguments], vars=dict(invocation.variables))
    if isinstance(done.exception, DbtUsageException):
        sys.stderr.write(f"{done.exception}\n")  # which dbt leaves to its caller
    return DbtResult(done.success, repr(done.exception) if done.exception else "")


def _run_quietly(reports: Connection, invocation: Invocation) -> DbtResult:
    """Run dbt in this process, send each node that starts, and return the result."""
    from dbt.cli.main import dbtRunner

    build_events_when_read()
    keep_type_testers()
    write_sql = hold_back_sql()
    log = _open_log()
    sending = threading.Lock()

    def report(event: Any) -> None:
        log.info(event.info.msg)
        if event.info.name == "LogStartLine":
            data = event.data
            with sending:
                reports.send((data.node_info.node_name, data.index, data.total))

    def invoke(arguments: Sequence[str], manifest: Manifest | None = None) -> dbtRunnerResult:
        done = dbtRunner(manifest, [report]).invoke(
            [*QUIET, *arguments], vars=dict(invocation.variables)
        )
        if done.exception:
            log.error(done.exception)
        return done

    manifest = prepared = None
    if invocation.prepare:
        parsed = invoke(["parse"])
        if not parsed.success:
            return DbtResult(False, str(parsed.exception or ""))
        manifest = cast("Manifest", parsed.result)
        try:
            prepared = invocation.prepare(manifest)
        except Exception as error:
            log.exception("The build was not prepared.")
            return DbtResult(False, str(error))
    forgo_old_garbage()
    done = invoke(invocation.arguments, manifest)
    results = getattr(done.result, "results", ())
    write_sql(result.node.unique_id for result in results if result.status in ("error", "fail"))
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
            for result in results
        ),
        prepared=prepared,
        peak_memory=peak_memory(),
    )


def _open_log() -> logging.Logger:
    LOG_FILE.parent.mkdir(exist_ok=True)
    rotating = RotatingFileHandler(LOG_FILE, backupCount=5, encoding="utf-8", delay=True)
    if LOG_FILE.exists() and LOG_FILE.stat().st_size > 10 * 2**20:
        rotating.doRollover()
    handler = logging.FileHandler(LOG_FILE, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log = logging.getLogger("dbt.log")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(handler)
    return log
