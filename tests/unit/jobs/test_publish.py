"""The published file: what it states of itself, who may open it, and what lies beside it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import JobError, UsageError
from jobs.export.run import export_marts
from jobs.ingest.run import RejectShareError, accept_file
from jobs.publish import run as publishing
from jobs.publish.generations import list_publications
from jobs.publish.replace import PublishError, replace, rollback
from jobs.publish.run import publish
from jobs.warehouse import marts_file
from tests.unit.jobs.made_warehouse import Made

WAL = "lift.duckdb.wal"
READ = "import duckdb, sys; print(duckdb.connect(sys.argv[1], read_only=True).sql(sys.argv[2]))"
ANALYST = """
import duckdb, sys
con = duckdb.connect(sys.argv[1])
con.execute("create table scratch as from range(100000)")
print("wrote", flush=True)
sys.stdin.readline()
con.execute("insert into scratch values (1)")
print("wrote", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


def read_elsewhere(path: Path, sql: str) -> str:
    """What another process reads; it must be able to."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path), sql], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def analyst(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Somebody who has opened the publication for writing and has written; killed in the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", ANALYST, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "wrote\n"
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def primary_key(made: Made, table: str) -> list[str] | None:
    found = made.rows(
        "select constraint_column_names from duckdb_constraints()"
        f" where table_name = '{table}' and constraint_type = 'PRIMARY KEY'"
    )
    return found[0][0] if found else None


def test_publish_states_types_keys_and_comments(made: Made) -> None:
    made.add("fct_events", {"message_id": "b"}, {"message_id": "a"}, {"message_id": "c"})
    publish(made.settings)
    types = dict(
        made.rows(
            "select column_name, data_type from duckdb_columns() where table_name = 'fct_events'"
        )
    )
    assert {types[name] for name in ("properties", "traits", "context", "integrations")} == {"JSON"}
    nullable = made.rows(
        "select column_name from duckdb_columns()"
        " where table_name = 'fct_events' and is_nullable order by all"
    )
    assert ("anonymous_id",) in nullable
    assert not {("message_id",), ("received_at",), ("properties",)} & set(nullable)
    assert primary_key(made, "fct_events") is None
    assert primary_key(made, "dim_persons") == ["person_id"]
    assert made.rows(
        "select table_name, comment from duckdb_tables()"
        " where table_name in ('dim_persons', 'fct_events') order by all"
    ) == [
        ("dim_persons", "One row per thing. Key: person_id."),
        ("fct_events", "One row per thing. Key: message_id."),
    ]


def test_publish_sorts_by_its_key_what_it_does_not_only_copy(made: Made) -> None:
    ids = [f"{number * 7919 % 500:03d}" for number in range(500)]
    made.add("dim_experiences", *({"experience": name, "period": None} for name in ids))
    publish(made.settings)
    found = made.rows("select experience from dim_experiences")
    assert [row[0] for row in found] == sorted(ids)


def test_publish_without_the_marts_of_the_build_is_refused(made: Made) -> None:
    marts_file(made.settings).unlink()
    with pytest.raises(PublishError, match="run `lift build` first"):
        publish(made.settings)
    assert not made.publication.exists()


def test_publish_gives_a_key_that_may_be_null_a_column_of_its_own(made: Made) -> None:
    grain = {"vendor": "mutiny", "experience": "Home", "audience_segment": "(all)"}
    made.add(
        "dim_experiences",
        grain | {"period": None}, grain | {"period": "2026-01-01"},
        grain | {"experience": "Pricing", "period": None},
    )  # fmt: skip
    publish(made.settings)
    assert primary_key(made, "dim_experiences") == ["surrogate_key"]
    keys = made.rows("select surrogate_key from dim_experiences")
    assert len(set(keys)) == 3
    publish(made.settings)
    assert made.rows("select surrogate_key from dim_experiences") == keys


@pytest.mark.parametrize(
    "second", [{"vendor": None}, {"period": None, "impressions": 7}], ids=["null", "twice"]
)
def test_publish_of_a_null_or_a_key_given_twice_leaves_the_previous_one(
    made: Made, second: dict[str, Any]
) -> None:
    publish(made.settings)
    before = made.publication.read_bytes()
    made.add("dim_experiences", {"period": None}, second)
    with pytest.raises(PublishError, match="the previous publication is in place"):
        publish(made.settings)
    assert made.publication.read_bytes() == before
    assert not list(made.settings.publish.glob(".*"))


def test_publish_leaves_out_what_is_not_a_mart(made: Made) -> None:
    for place in ("main", "publication.main"):
        made.do(f"create table {place}.mart_of_an_earlier_version as select 1 as n")
    report = publish(made.settings)
    assert "mart_of_an_earlier_version" not in report.rows
    assert made.rows("from duckdb_tables() where table_name like 'mart%'") == []


def test_publish_writes_for_readers_only(made: Made) -> None:
    for _ in range(2):
        publish(made.settings)
        assert made.publication.stat().st_mode & 0o777 == 0o444


@pytest.mark.parametrize("stays_open", [True, False], ids=["stays_open", "died"])
def test_publish_is_not_broken_by_who_writes_to_the_file(made: Made, stays_open: bool) -> None:
    publish(made.settings)
    with analyst(made.publication) as process:
        assert (made.settings.publish / WAL).exists()
        if not stays_open:
            process.kill()
            process.wait()
        made.add("dim_persons", {"person_id": "p"})
        publish(made.settings)
        assert not (made.settings.publish / WAL).exists()
        assert "│ p " in read_elsewhere(made.publication, "select person_id from dim_persons")
    assert "│ p " in read_elsewhere(made.publication, "select person_id from dim_persons")


@pytest.mark.parametrize("suffix", [".wal", ".wal.checkpoint", ".wal.recovery"])
def test_publish_removes_every_log_that_a_client_left(made: Made, suffix: str) -> None:
    publish(made.settings)
    (made.settings.publish / f"lift.duckdb{suffix}").write_bytes(b"left")
    (made.settings.publish / "lift.duckdb.backup").write_bytes(b"an analyst's own")
    publish(made.settings)
    assert sorted(path.name for path in made.settings.publish.glob("lift.duckdb*")) == [
        "lift.duckdb", "lift.duckdb.backup",
    ]  # fmt: skip


def test_rollback_and_export_are_not_broken_by_who_writes_to_the_file(made: Made) -> None:
    made.add("dim_persons", {"person_id": "first"})
    publish(made.settings)
    made.do("update publication.main.dim_persons set person_id = 'second'")
    publish(made.settings)
    with analyst(made.publication) as process:
        rollback(made.settings)
        assert not (made.settings.publish / WAL).exists()
        assert "first" in read_elsewhere(made.publication, "select person_id from dim_persons")
        # Who opened the file before it was replaced leaves a log beside another one.
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "wrote\n"
        (made.settings.publish / WAL).write_bytes(b"a log of another file")
        export_marts(made.settings)
    assert "first" in (made.settings.publish / "exports" / "dim_persons.csv").read_text()


def test_publish_that_nobody_can_open_is_an_error(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(made.settings)
    with analyst(made.publication):
        log = (made.settings.publish / WAL).read_bytes()

    def replace_while_somebody_writes(fresh: Path, target: Path) -> None:
        replace(fresh, target)
        (target.parent / WAL).write_bytes(log)

    made.add_file("web/new.parquet", is_built=True)
    with monkeypatch.context() as patch:
        patch.setattr(publishing, "replace", replace_while_somebody_writes)
        with pytest.raises(PublishError, match="was published and cannot be opened"):
            publish(made.settings)
    assert made.published_files() == set()
    publish(made.settings)
    assert made.published_files() == {"web/new.parquet"}


def test_rollback_to_what_cannot_be_opened_changes_nothing(made: Made) -> None:
    for _ in range(2):
        publish(made.settings)
    before = made.publication.read_bytes()
    [generation] = (made.settings.publish / "generations").iterdir()
    generation.chmod(0o644)
    generation.write_bytes(b"torn")
    with pytest.raises(PublishError, match="could not be put back"):
        rollback(made.settings)
    assert made.publication.read_bytes() == before


def test_rollback_goes_back_one_publication_at_a_time(made: Made) -> None:
    for number in range(6):
        made.do(f"update raw.builds set run_id = 'run-{number}'")
        publish(made.settings)
    found = []
    for _ in range(3):
        rollback(made.settings)
        found += made.rows("select run_id()")
        assert made.publication.stat().st_mode & 0o777 == 0o444
    assert found == [("run-4",), ("run-3",), ("run-2",)]
    with pytest.raises(PublishError, match="nothing to go back to"):
        rollback(made.settings)


def test_rollback_keeps_what_it_replaces_and_the_next_publication_is_as_always(
    tmp_path: Path,
) -> None:
    made = Made(tmp_path, publication={"keep": 2})
    for number in range(3):
        made.do(f"update raw.builds set run_id = 'run-{number}'")
        publish(made.settings)
    rollback(made.settings, "run-0")
    assert made.rows("select run_id()") == [("run-0",)]
    rollback(made.settings, "run-2")
    assert made.rows("select run_id()") == [("run-2",)]
    with pytest.raises(UsageError, match="the current one"):
        rollback(made.settings, "run-2")
    with pytest.raises(UsageError, match="did you mean run-1"):
        rollback(made.settings, "run-11")
    rollback(made.settings, "run-1")
    made.do("update raw.builds set run_id = 'run-3'")
    publish(made.settings)
    found = list_publications(made.settings)
    # What was in place is kept although a newer one is.
    assert [(each.run_id, each.is_current) for each in found] == [
        ("run-3", True), ("run-2", False), ("run-1", False),
    ]  # fmt: skip


def test_rollback_to_one_of_several_publications_of_a_run_needs_its_file(made: Made) -> None:
    for number in range(4):
        made.add("dim_persons", {"person_id": f"p{number}"})
        publish(made.settings)
    oldest = list_publications(made.settings)[-1]
    with pytest.raises(UsageError, match=f"name one by its file: .*{oldest.file}"):
        rollback(made.settings, "run-1")
    rollback(made.settings, oldest.file)
    assert made.rows("select count(*) from dim_persons") == [(1,)]


def test_each_publication_reads_its_own_file_of_events(tmp_path: Path) -> None:
    made = Made(tmp_path, publication={"keep": 2, "events": "parquet"})
    events = made.settings.publish / "events"
    for number in range(5):
        made.add("fct_events", {"message_id": f"m{number}"})
        publish(made.settings)
        assert made.rows("select count(*) from fct_events") == [(number + 1,)]
        if number == 2:
            # A run that died before the replacement has left its events.
            orphan = events / "fct_events-run-1-99999999999999999999.parquet"
            shutil.copy(next(events.iterdir()), orphan)
    assert len(list(events.iterdir())) == 3
    types = made.rows("select data_type from duckdb_columns() where table_name = 'fct_events'")
    assert types.count(("JSON",)) == 4
    for left in (4, 3):
        rollback(made.settings)
        assert made.rows("select count(*) from fct_events") == [(left,)]
        assert made.rows("select count(*) from rpt_journey") == [(left,)]


def test_publish_that_fails_leaves_no_events_behind(tmp_path: Path) -> None:
    made = Made(tmp_path, publication={"events": "parquet"})
    publish(made.settings)
    before = sorted((made.settings.publish / "events").iterdir())
    made.add("dim_persons", {"person_id": "p"}, {"person_id": "p"})
    with pytest.raises(PublishError):
        publish(made.settings)
    assert sorted((made.settings.publish / "events").iterdir()) == before


def test_publish_keeps_the_files_of_others(tmp_path: Path) -> None:
    made = Made(tmp_path, publication={"keep": 1, "events": "parquet"})
    own = [
        "generations/lift-backup.duckdb", "generations/lift-2026.duckdb", "generations/readme.txt",
        "events/own.parquet", "events/fct_events-mine.parquet", "notes.twb",
    ]  # fmt: skip
    for name in own:
        path = made.settings.publish / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("somebody's")
    for _ in range(4):
        publish(made.settings)
    assert [(made.settings.publish / name).read_text() for name in own] == ["somebody's"] * len(own)
    assert len(list((made.settings.publish / "generations").glob("lift-0*"))) == 1
    assert rollback(made.settings).name.startswith("lift-0")


def test_publish_is_refused_while_the_models_are_not_whole(made: Made) -> None:
    made.do("update raw.builds set is_whole = false")
    with pytest.raises(PublishError, match="run `lift build` first"):
        publish(made.settings)
    assert not made.publication.exists()


def test_publish_is_refused_for_a_bad_file_that_the_build_has_read(made: Made) -> None:
    publish(made.settings)
    before = made.publication.read_bytes()
    made.add_file("web/bad.parquet", landed=10, rejected=9, is_built=True)
    for _ in range(2):
        with pytest.raises(RejectShareError, match=r"web/bad\.parquet: 9 of 10 rows"):
            publish(made.settings)
        assert made.publication.read_bytes() == before
        assert made.published_files() == set()
    accept_file(made.settings, "web/bad.parquet")
    publish(made.settings)
    assert made.published_files() == {"web/bad.parquet"}


def test_publish_marks_no_file_that_no_build_has_read(made: Made) -> None:
    made.add_file("web/read.parquet", is_built=True)
    made.add_file("web/bad.parquet", landed=10, rejected=9, is_built=False)
    publish(made.settings)
    assert made.published_files() == {"web/read.parquet"}


def test_publish_into_a_folder_that_cannot_be_written_is_one_sentence(made: Made) -> None:
    publish(made.settings)
    log = made.settings.publish / WAL
    log.mkdir()
    with pytest.raises(JobError, match="could not be written"):
        publish(made.settings)
    log.rmdir()
    publish(made.settings)


def test_publish_in_which_a_description_is_hostile(made: Made) -> None:
    words = "One row per 'person'; drop table x; -- \" \\ $$"
    made.do(
        "comment on table publication.main.dim_persons is " + "'" + words.replace("'", "''") + "'"
    )
    publish(made.settings)
    assert made.rows("select comment from duckdb_tables() where table_name = 'dim_persons'") == [
        (f"{words} Key: person_id.",)
    ]


def test_publish_of_json_keeps_the_text(made: Made) -> None:
    text = '{"b":1.0,"a":"\\u00e9","c":{"n":null}}'
    made.add("fct_events", {"message_id": "m", "properties": text})
    publish(made.settings)
    assert made.rows("select properties from fct_events") == [(text,)]
    assert json.loads(text)["a"] == "é"
    assert os.access(made.publication, os.R_OK)
