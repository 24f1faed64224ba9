"""How the tests are spread: whole nights first and one more at a time than there are cores."""

import os

import pytest


def pytest_xdist_auto_num_workers() -> int:
    """A night waits for its child process, and the longest tests are the last to end."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: "warehouse" not in item.path.parts)
