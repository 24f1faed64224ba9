"""`lift erase` before it erases: what it refuses, and what it asks."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.here import Here


class Terminal(io.StringIO):
    """Somebody who types an answer."""

    def isatty(self) -> bool:
        return True


def test_erase_of_an_id_that_nobody_has_changes_nothing(published_sample: Path, here: Here) -> None:
    before = (published_sample / "var" / "published" / "lift.duckdb").stat()
    for more in ((), ("--dry-run",)):
        said = here("erase", "--user-id", "nobody", *more, folder=published_sample)
        assert (said.returncode, said.stdout) == (2, "")
        assert "No message has the user id nobody" in said.stderr
        assert "--unseen" in said.stderr
    assert (published_sample / "var" / "published" / "lift.duckdb").stat() == before


def test_erase_asks_on_a_terminal(
    published_sample: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (published_sample / "var" / "published" / "lift.duckdb").stat()
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    said = here("erase", "--user-id", "u1", "--user-id", "u2", folder=published_sample)
    assert said.returncode == 2
    assert "Erase 2 persons (u1, u2)? It cannot be undone." in said.stdout + said.stderr
    assert "Nothing was erased" in said.stderr
    assert (published_sample / "var" / "published" / "lift.duckdb").stat() == before
