"""dbt by hand: what may change the warehouse leaves the whole to the next build."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.build import run as build
from jobs.build.dbt_process import Invocation
from jobs.warehouse import open_warehouse
from tests.unit.jobs.made_warehouse import Made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("made"))


@pytest.fixture(autouse=True)
def commands(made: Made, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What dbt would have been asked to do; the models are whole, and of these settings."""
    asked: list[list[str]] = []

    def show(invocation: Invocation) -> int:
        asked.append(list(invocation.arguments))
        return 0

    monkeypatch.setattr(build, "show_dbt", show)
    build._begin_build(made.settings, "nightly")
    made.do("update raw.builds set is_whole = true")
    return asked


def is_whole(made: Made) -> bool:
    [(found,)] = made.staged("select is_whole from raw.builds")
    return bool(found)


@pytest.mark.parametrize(
    "arguments",
    [
        "build", "run", "seed", "snapshot", "retry", "clone", "run-operation anything",
        "run -s int_files_read", "build --select +fct_events", "--quiet run -s int_files_read",
        "-q run", "--no-use-colors --quiet build -s x", "--log-level debug run -s x",
        "--log-level-file=debug run", "--warn-error-options {} run -s x", "-d run",
        "--log-path ls run", "--fail-fast seed", "run --full-refresh --empty",
    ],
)  # fmt: skip
def test_dbt_that_may_write_leaves_the_whole_to_the_next_build(made: Made, arguments: str) -> None:
    assert build.run_dbt(made.settings, arguments.split()) == 0
    assert not is_whole(made)


@pytest.mark.parametrize(
    "arguments",
    [
        "ls", "list -s +build", "--quiet ls", "docs serve", "docs generate", "compile -s run",
        "parse", "show -s run", "test -s run", "debug", "deps", "clean", "source freshness",
        "--version", "--help", "bui", "--nowhere run", "",
    ],
)  # fmt: skip
def test_dbt_that_writes_nothing_disturbs_nothing(made: Made, arguments: str) -> None:
    build.run_dbt(made.settings, arguments.split())
    assert is_whole(made)


def test_dbt_after_a_build_that_was_not_whole_takes_nothing_over(
    made: Made, commands: list[list[str]]
) -> None:
    build.run_dbt(made.settings, ["--quiet", "run", "-s", "x"])
    build.run_dbt(made.settings, ["--quiet", "run", "-s", "x"])
    build.run_dbt(made.settings, ["seed"])
    assert ["--full-refresh" in command for command in commands] == [False, True, False]


def test_models_are_current_until_something_else_is_staged(made: Made, tmp_path: Path) -> None:
    made = Made(tmp_path)
    build._begin_build(made.settings, "nightly")
    made.do("create table intermediate.int_files_read (file_id integer, revision bigint)")
    made.add_file("web/a.parquet", is_built=True)
    made.add_file("web/b.parquet", is_built=True)

    def is_current() -> bool:
        with open_warehouse(made.settings) as con:
            return build.is_current(made.settings, con)

    assert not is_current()
    read = "insert into intermediate.int_files_read select file_id, revision from raw.files"
    made.do(f"update raw.builds set is_whole = true; {read}")
    assert is_current()
    for change in (
        "update raw.files set revision = nextval('raw.revisions') where path = 'web/a.parquet'",
        "delete from raw.files where path = 'web/b.parquet'",
        "insert into raw.files by name select * replace (7 as file_id) from raw.files limit 1",
        "update raw.builds set is_whole = false",
        "update raw.builds set fingerprint = 'of other models'",
        "update raw.builds set fingerprint = null",
        "delete from raw.builds",
    ):
        with open_warehouse(made.settings) as con:
            con.execute("begin")
            con.execute(change)
            assert not build.is_current(made.settings, con), change
            con.execute("rollback")
    made.configure(identity={"merge_on_email": True})
    assert not is_current()
