"""Programs that tests drive and Python packages do not bring: a browser, a PostgreSQL server."""

import os
import shutil
from pathlib import Path

import pytest

# Where Debian keeps what it does not put on the path.
PLACES = ("/usr/lib/postgresql/*/bin",)


def program(name: str) -> Path:
    """Return the path of a program; without it the test is skipped, or fails in `.ci/run`."""
    found = shutil.which(name) or next(
        (str(path) for place in PLACES for path in Path("/").glob(f"{place[1:]}/{name}")), None
    )
    if found:
        return Path(found)
    if "LIFT_TESTS_SKIP_NOTHING" in os.environ:
        pytest.fail(f"{name} is not installed")
    pytest.skip(f"{name} is not installed: apt-get install chromium postgresql")
