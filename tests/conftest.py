"""How the tests are spread: the longest files first, one more at a time than there are cores."""

import fcntl
import os
import shutil
from multiprocessing import get_context
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadfile import LoadFileScheduling

from jobs.config import load_settings
from jobs.nightly.run import nightly
from tests.here import here

__all__ = ["here", "published_sample"]

SAMPLE = Path(__file__).parents[1] / "data" / "sample"

# What a test builds, it builds in a fork of a process that has read dbt already, and what dbt reads
# when it builds (pandas for pyarrow, where it is installed).
get_context("forkserver").set_forkserver_preload(
    ["dbt.cli.main", "dbt.task.build", "sqlparse", "pandas", "jobs.build.statistics_plugin"]
)

# By processor time, the longest first: what begins last ends last.
LONGEST = (
    "test_worlds", "test_erase", "test_nightly", "test_histories", "test_arrival", "test_examples",
    "test_layouts", "test_names", "test_demo_truth",
)  # fmt: skip


def pytest_xdist_auto_num_workers() -> int:
    """A night waits for its child process, and the longest tests are the last to end."""
    return (os.cpu_count() or 1) + 1


# The tests of these files share what their first parameter names, and nothing else.
BY_PARAMETER = ("test_worlds", "test_histories")


class Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """A file is one worker's, or what it tests under one parameter."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        if Path(file).stem not in BY_PARAMETER:
            return file
        return file + test.partition("[")[2].rstrip("]").partition("-")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: (_rank(item.path.stem), "warehouse" not in item.path.parts))


def _rank(name: str) -> int:
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


@pytest.fixture(scope="session")
def published_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the sample and what one night made of it, for tests that only read.

    All test processes share it.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "published_sample"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = folder.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            shutil.copytree(SAMPLE, making)
            nightly(load_settings(making / "lift.yml"))
            making.rename(folder)
    return folder
