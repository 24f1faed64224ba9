"""What the pages show can be typed: SQL runs on a publication, commands and options exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import typer.main

from jobs.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
MAIN: Any = typer.main.get_command(app)


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


def sql_blocks() -> Iterator[Any]:
    for page in PAGES:
        for place, block in enumerate(blocks(page, "sql")):
            yield pytest.param(block, id=f"{page.stem}-{place}")


def commands(page: Path) -> Iterator[str]:
    """Every `lift …` of a page, in a block for the shell or within a sentence."""
    for block in blocks(page, "sh"):
        yield from (line for line in block.splitlines() if line.startswith("lift "))
    without_blocks = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    yield from re.findall(r"`(lift [a-z][^`]*)`", without_blocks)


@pytest.mark.parametrize("block", sql_blocks())
def test_sql_of_the_docs_runs(
    block: str, published_sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "totals.csv").write_text("vendor,conversion,total\nmutiny,signup,1\n")
    var = published_sample / "var"
    path = var / "warehouse.duckdb" if "raw." in block else var / "published" / "lift.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        for statement in duckdb.extract_statements(block):
            con.execute(statement).fetchall()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_of_the_docs_exist(page: Path) -> None:
    for line in commands(page):
        words = shlex.split(line, comments=True)[1:]
        command = MAIN
        while words and hasattr(command, "commands"):
            if words[0] == "COMMAND":
                break
            assert words[0] in command.commands, line
            command = command.commands[words.pop(0)]
        if command is MAIN.commands["dbt"]:
            continue
        known = {option for each in command.params for option in each.opts} | {"--help"}
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert options <= known, line
