"""A folder that the job shares with others: it touches only the files that it wrote."""

from __future__ import annotations

from pathlib import Path

from jobs.files import OwnFiles


def write(own: OwnFiles, name: str, text: str) -> None:
    own.pending(name).write_text(text)
    own.commit(name)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.name != OwnFiles.LIST}


def test_own_files_are_removed_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("theirs")
    own = OwnFiles(tmp_path)
    assert own.claim(["a", "b"]) == []
    write(own, "a", "1")
    write(own, "b", "1")
    again = OwnFiles(tmp_path)
    again.remove_all_but(["b"])
    assert contents(tmp_path) == {"b": "1", "theirs": "theirs"}
    OwnFiles(tmp_path).remove_all_but()
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]


def test_own_files_claim_nothing_while_one_is_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / "b").symlink_to("nowhere")
    assert OwnFiles(tmp_path).claim(["a", "b"]) == ["b"]
    assert OwnFiles(tmp_path).names == set()


def test_own_files_of_a_run_that_died_are_still_the_jobs(tmp_path: Path) -> None:
    own = OwnFiles(tmp_path)
    own.claim(["a", "b"])
    write(own, "a", "1")
    own.pending("b").write_text("half")
    next_run = OwnFiles(tmp_path)
    assert next_run.claim(["a", "c"]) == []
    write(next_run, "c", "1")
    next_run.remove_all_but(["a", "c"])
    assert contents(tmp_path) == {"a": "1", "c": "1"}


def test_own_files_in_a_folder_that_is_not_there_are_none(tmp_path: Path) -> None:
    OwnFiles(tmp_path / "nowhere").remove_all_but()
    assert not (tmp_path / "nowhere").exists()
