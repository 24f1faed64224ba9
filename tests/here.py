"""`lift` in the process of a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from jobs.cli.app import main


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    returncode: int | str | None
    stdout: str
    stderr: str


Here = Callable[..., Said]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """`lift` in this process, where nothing but what it says and does is looked at."""

    def run(*arguments: str, folder: Path) -> Said:
        monkeypatch.chdir(folder)
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(ended.value.code, said.out, said.err)

    return run
