"""`lift erase` before it erases: what it refuses, and what it asks."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from tests.here import Here


class Terminal(io.StringIO):
    """Somebody who types an answer."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def company(published_sample: Path, tmp_path: Path) -> Path:
    """A company of one's own: an erasure opens the warehouse."""
    folder = tmp_path / "company"
    shutil.copytree(published_sample, folder, ignore=shutil.ignore_patterns("exports", "report"))
    return folder


def test_erase_of_an_id_that_nobody_has_changes_nothing(company: Path, here: Here) -> None:
    before = (company / "var" / "published" / "lift.duckdb").stat()
    for more in ((), ("--dry-run",)):
        said = here("erase", "--user-id", "nobody", *more, folder=company)
        assert (said.returncode, said.stdout) == (2, "")
        assert "No message has the user id nobody" in said.stderr
        assert "--unseen" in said.stderr
    assert (company / "var" / "published" / "lift.duckdb").stat() == before


def test_erase_asks_on_a_terminal(
    company: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (company / "var" / "published" / "lift.duckdb").stat()
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    said = here("erase", "--user-id", "u1", "--user-id", "u2", folder=company)
    assert said.returncode == 2
    assert "Erase 2 persons (u1, u2)? It cannot be undone." in said.stdout + said.stderr
    assert "Nothing was erased" in said.stderr
    assert (company / "var" / "published" / "lift.duckdb").stat() == before
