"""Files and folders that cannot be used are mistakes of the configuration, with their place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobs.cli.app import main

CASES = [
    ("landing: exprot", 1, "landing", "which does not exist; did you mean export?"),
    ("landing: exprot/segment-logs", 1, "landing", "which does not exist; did you mean export?"),
    ("landing: elsewhere", 1, "landing", "elsewhere, which does not exist; correct the path"),
    ("landing: file", 1, "landing", "file, which is not a folder"),
    ("landing: file/x", 1, "landing", "file/x, which does not exist; correct the path"),
    (
        "landing: export\nwarehouse: folder",
        2,
        "warehouse",
        "which is a folder; name a file",
    ),
    ("landing: export\nwarehouse: file/w.duckdb", 2, "warehouse", "file to be a folder"),
    ("landing: export\npublish: file", 2, "publish", "file to be a folder"),
    ("landing: export\npublish: file/a/b", 2, "publish", "file to be a folder"),
    ("landing: export\nresources: {temp: file}", 2, "resources.temp", "file to be a folder"),
    ("landing: export\ncrm:\n  leads: no.csv", 3, "crm.leads", "no.csv"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "export").mkdir()
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(command: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    with pytest.raises(SystemExit) as ended:
        main([command])
    return int(str(ended.value.code)), capsys.readouterr().err.splitlines()


@pytest.mark.parametrize(("text", "line", "key", "message"), CASES)
@pytest.mark.parametrize("command", ["nightly", "ingest"])
def test_place_that_cannot_be_used_is_a_mistake_with_file_line_and_key(
    command: str,
    text: str,
    line: int,
    key: str,
    message: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "lift.yml").write_text(f"{text}\n")
    code, said = _run(command, capsys)
    assert code == 2
    assert len(said) == 1
    assert said[0].startswith(f"lift.yml:{line}: {key} ")
    assert message in said[0]
    assert {path.name for path in folder.iterdir()} == {"export", "file", "folder", "lift.yml"}


def test_places_are_all_named_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "lift.yml").write_text("publish: file\nlanding: exprot\nwarehouse: folder\n")
    code, said = _run("nightly", capsys)
    assert (code, [line.split(" ")[1] for line in said]) == (
        2,
        ["publish", "landing", "warehouse"],
    )


@pytest.mark.parametrize("command", ["build", "publish", "export"])
def test_step_that_reads_no_landing_zone_needs_none(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "lift.yml").write_text("landing: exprot\npublish: file\n")
    code, said = _run(command, capsys)
    assert (code, len(said), "publish" in said[0]) == (2, 1, True)


def test_folder_that_may_not_be_written_is_a_mistake(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "closed").mkdir(mode=0o500)
    (folder / "lift.yml").write_text("landing: export\npublish: closed/x\n")
    if os.geteuid() == 0:  # who may write everywhere
        monkeypatch.setattr(
            os, "access", lambda path, mode: not (mode & os.W_OK and path.name == "closed")
        )
    code, said = _run("nightly", capsys)
    assert (code, "needs to write to" in said[0]) == (2, True)
