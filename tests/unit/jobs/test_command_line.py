"""The command line as a whole: help, examples, versions and completion."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer.main

from jobs.cli.app import app
from jobs.config import load_settings
from jobs.warehouse import run_lock
from tests.here import Here

ROOT = Path(__file__).parents[3]
MAIN: Any = typer.main.get_command(app)


def commands(group: Any = MAIN, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


def command_of(path: tuple[str, ...]) -> Any:
    found = MAIN
    for name in path:
        found = found.commands[name]
    return found


def examples_of(path: tuple[str, ...]) -> list[str]:
    lines = (command_of(path).epilog or "").splitlines()
    return [line.strip() for line in lines if line.startswith("  ")]


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_help_of_every_command_has_examples_that_can_be_typed(path: tuple[str, ...]) -> None:
    examples = examples_of(path)
    assert examples
    for example in examples:
        words = shlex.split(example.partition(" >")[0])
        assert tuple(words[: len(path) + 1]) == ("lift", *path)
        assert len(example) <= 56
        # Raises for an option or argument that the command does not have.
        command_of(path).make_context(path[-1], words[len(path) + 1 :])


@pytest.mark.parametrize("path", [(), *commands()], ids=" ".join)
@pytest.mark.parametrize("width", [80, 60])
def test_help_fits_the_terminal(
    path: tuple[str, ...], width: int, here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if path == ("dbt",):
        return  # dbt's own help
    monkeypatch.setenv("COLUMNS", str(width))
    said = here(*path, "-h", folder=tmp_path)
    assert said.returncode == 0
    lines = said.stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert not any(line.endswith("...") for line in lines if not line.startswith("Usage"))
    assert here(*path, "--help", folder=tmp_path).stdout == said.stdout


def test_lift_without_arguments_shows_its_help(here: Here, tmp_path: Path) -> None:
    said = here(folder=tmp_path)
    assert said.returncode == 0
    assert said.stdout == here("--help", folder=tmp_path).stdout
    assert here("--version", folder=tmp_path).stdout == f"lift {version('segment-lift')}\n"


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_every_step_runs_as_a_module(path: tuple[str, ...]) -> None:
    if path[0] in ("dbt", "explain"):
        return
    module = (ROOT / "jobs" / path[0] / "__main__.py").read_text()
    assert f'main(["{path[0]}", *sys.argv[1:]])' in module


def test_lock_names_who_holds_it_and_stops_no_reader(
    published_sample: Path, here: Here, tmp_path: Path
) -> None:
    shutil.copy(published_sample / "lift.yml", tmp_path)
    (tmp_path / "landing").mkdir()
    (tmp_path / "var" / "published").mkdir(parents=True)
    published = Path("var") / "published" / "lift.duckdb"
    shutil.copy(published_sample / published, tmp_path / published)
    readers = [
        ("results",), ("status",), ("doctor",), ("publish", "--list"),
        ("explain", "experience", "Pricing Page"),
    ]  # fmt: skip
    with run_lock(load_settings(tmp_path / "lift.yml"), "lift nightly"):
        refused = here("publish", "--rollback", folder=tmp_path)
        for arguments in readers:
            assert here(*arguments, folder=tmp_path).returncode == 0, arguments
    assert refused.returncode == 3
    assert re.search(r"`lift nightly`, process \d+, since \d{4}-", refused.stderr)
    assert (tmp_path / "var" / "warehouse.lock").read_text() == ""


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("resu", ["results"]), ("results Pri", ["Pricing Page"]), ("demo --lay", ["--layout"])],
)
def test_completion_knows_commands_and_experiences(
    typed: str, completed: list[str], published_sample: Path
) -> None:
    words = f"lift {typed}"
    done = subprocess.run(
        [Path(sys.executable).with_name("lift")],
        cwd=published_sample,
        env={
            **os.environ, "_LIFT_COMPLETE": "complete_bash",
            "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1),
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split("\n")[:-1] == completed, done.stderr
