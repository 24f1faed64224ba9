"""How the tests are spread: the longest files first, one more at a time than there are cores."""

import os
from multiprocessing import get_context

import pytest

# What a test builds, it builds in a fork of a process that has read dbt already.
get_context("forkserver").set_forkserver_preload(["dbt.cli.main", "jobs.build.statistics_plugin"])

# By processor time, the longest first: a file is one worker's, and what begins last ends last.
LONGEST = (
    "test_worlds", "test_erase", "test_nightly", "test_histories", "test_arrival", "test_examples",
    "test_layouts", "test_names", "test_demo_truth",
)  # fmt: skip


def pytest_xdist_auto_num_workers() -> int:
    """A night waits for its child process, and the longest tests are the last to end."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: (_rank(item.path.stem), "warehouse" not in item.path.parts))


def _rank(name: str) -> int:
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)
