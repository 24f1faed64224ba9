"""The exports: what they hold, what describes them, and whose files they leave alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from jobs.export import run as exporting
from jobs.export.run import ExportError, export_marts
from jobs.files import OwnFiles
from jobs.publish.run import publish
from tests.unit.jobs.made_warehouse import Made

PERSON = {"person_id": "p", "email": "p@example.org"}


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = Made(tmp_path)
    made.add("dim_persons", PERSON)
    made.add("dim_experiences", {"period": None})
    made.add("rpt_conversion_catalog", {"event_name": "Signed Up", "sources": ["a,b", 'c "d"']})
    publish(made.settings)
    return made


def exports(made: Made) -> Path:
    return made.settings.publish / "exports"


def package(made: Made) -> dict[str, Any]:
    described: dict[str, Any] = json.loads((exports(made) / "datapackage.json").read_text())
    return described


def names(made: Made) -> set[str]:
    return {path.name for path in exports(made).iterdir()} - {OwnFiles.LIST}


def test_export_writes_every_table_but_the_largest(made: Made) -> None:
    report = export_marts(made.settings)
    tables = {name for (name,) in made.rows("select table_name from duckdb_tables()")}
    assert {"fct_events", "rpt_rejects"} <= tables
    expected = {
        f"{table}.{kind}"
        for table in tables - {"fct_events", "rpt_rejects"}
        for kind in ("parquet", "csv")
    }
    assert names(made) == {*expected, "datapackage.json"}
    assert report.files == len(expected)


def test_export_keeps_json_as_text_and_lists_as_json_text_in_csv(tmp_path: Path) -> None:
    made = Made(tmp_path, exports={"formats": ["parquet", "csv"]})
    made.add("rpt_conversion_catalog", {"sources": ["a,b", 'c "d"']})
    made.do("create table publication.main.dim_accounts (account_id varchar, traits json,"
            " person_count bigint, first_seen_at timestamp, last_seen_at timestamp)")  # fmt: skip
    made.add("dim_accounts", {"account_id": "acme", "traits": '{"seats":40.0}'})
    publish(made.settings)
    export_marts(made.settings)
    for kind, read in (("parquet", pl.read_parquet), ("csv", pl.read_csv)):
        accounts = read(exports(made) / f"dim_accounts.{kind}")
        assert accounts["traits"].to_list() == ['{"seats":40.0}']
    catalog = exports(made) / "rpt_conversion_catalog"
    assert pl.read_parquet(f"{catalog}.parquet")["sources"].to_list() == [["a,b", 'c "d"']]
    assert json.loads(pl.read_csv(f"{catalog}.csv")["sources"][0]) == ["a,b", 'c "d"']


def test_export_describes_each_file(made: Made) -> None:
    export_marts(made.settings)
    described = package(made)
    assert (described["run_id"], described["schema_version"]) == ("run-1", 1)
    assert described["as_of"] == "2026-05-04T09:00:00Z"
    resources = {resource["path"]: resource for resource in described["resources"]}
    assert {*resources, "datapackage.json"} == names(made)
    for path, resource in resources.items():
        read = pl.read_csv if path.endswith("csv") else pl.read_parquet
        frame = read(exports(made) / path)
        assert frame.height == resource["rows"], path
        assert frame.columns == [field["name"] for field in resource["schema"]["fields"]], path
        assert resource["description"].startswith("One row per "), path
    persons = resources["dim_persons.csv"]["schema"]
    assert persons["primaryKey"] == ["person_id"]
    fields = {field["name"]: field for field in persons["fields"]}
    assert fields["person_id"]["constraints"] == {"required": True}
    assert fields["email"]["constraints"] == {"required": False}
    assert (fields["first_seen_at"]["type"], fields["user_id_count"]["type"]) == (
        "datetime", "integer",
    )  # fmt: skip
    assert resources["dim_experiences.parquet"]["schema"]["primaryKey"] == ["surrogate_key"]
    assert "primaryKey" not in resources["fct_experience_cube.csv"]["schema"]


def test_export_leaves_unchanged_files_alone(made: Made) -> None:
    export_marts(made.settings)
    before = {path.name: path.stat() for path in exports(made).iterdir()}
    made.do("update publication.main.dim_persons set email = 'other@example.org'")
    publish(made.settings)
    export_marts(made.settings)
    after = {path.name: path.stat() for path in exports(made).iterdir()}
    changed = {name for name in after if after[name].st_ino != before[name].st_ino}
    assert changed == {"dim_persons.csv", "dim_persons.parquet"}
    assert all(after[name].st_mtime_ns == before[name].st_mtime_ns for name in {*after} - changed)


def test_export_removes_what_it_wrote_and_nothing_else(made: Made) -> None:
    own = ["notes.twb", "readme.txt", "own.parquet", "old_mart.csv", ".hidden.new"]
    exports(made).mkdir()
    for name in own:
        (exports(made) / name).write_text("somebody's")
    export_marts(made.settings)
    made.do("drop table publication.main.dim_experiences")
    made.configure(exports={"formats": ["parquet"]})
    publish(made.settings)
    export_marts(made.settings)
    assert [(exports(made) / name).read_text() for name in own] == ["somebody's"] * len(own)
    assert {path.suffix for path in exports(made).iterdir() if path.name not in own} == {
        ".parquet", ".json", "",
    }  # fmt: skip
    assert not (exports(made) / "dim_experiences.parquet").exists()


def test_export_refuses_to_replace_a_file_of_somebody_else(made: Made) -> None:
    exports(made).mkdir()
    (exports(made) / "dim_persons.csv").write_text("somebody's")
    with pytest.raises(ExportError, match=r"dim_persons\.csv would be replaced"):
        export_marts(made.settings)
    assert [path.name for path in exports(made).iterdir()] == ["dim_persons.csv"]
    (exports(made) / "dim_persons.csv").unlink()
    export_marts(made.settings)


def test_export_replaces_what_a_version_without_a_list_wrote(made: Made) -> None:
    exports(made).mkdir()
    earlier = ["dim_persons.csv", "dq_findings.csv", "fct_experience_lift.csv", "runs.csv"]
    for name in [*earlier, "notes.csv"]:
        (exports(made) / name).write_text("earlier")
    export_marts(made.settings)
    assert (exports(made) / "dim_persons.csv").read_text() != "earlier"
    assert (exports(made) / "notes.csv").read_text() == "earlier"


def test_export_killed_anywhere_is_finished_by_the_next(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    (exports(made)).mkdir()
    (exports(made) / "notes.twb").write_text("somebody's")
    write = exporting._export_table
    for step in range(4):
        done = 0

        def die(*arguments: Any, at: int = step) -> None:
            nonlocal done
            done += 1
            write(*arguments)
            if done > at:
                raise MemoryError  # as good as a kill: nothing handles it

        with monkeypatch.context() as patch:
            patch.setattr(exporting, "_export_table", die)
            with pytest.raises(MemoryError):
                export_marts(made.settings)
        assert not (exports(made) / "datapackage.json").exists()
    export_marts(made.settings)
    assert names(made) == {r["path"] for r in package(made)["resources"]} | {
        "datapackage.json", "notes.twb",
    }  # fmt: skip


def test_export_of_an_earlier_version_says_neither_run_nor_moment(made: Made) -> None:
    made.publication.chmod(0o644)
    with duckdb.connect(str(made.publication)) as con:
        con.execute("drop macro run_id; drop macro as_of")
    export_marts(made.settings)
    assert (package(made)["run_id"], package(made)["as_of"]) == (None, None)


def test_export_leaves_others_files_in_the_segment_folder(made: Made) -> None:
    own = [
        "state-mine.parquet", "changes-x.ndjson.gz", "changes-000001-copy.ndjson.gz",
        ".notes.new", "readme.txt",
    ]  # fmt: skip
    folder = made.settings.publish / "segments"
    folder.mkdir()
    for name in own:
        (folder / name).write_text("somebody's")
    made.configure(segments=[{"name": "Pro", "all": [{"trait": "plan", "value": "pro"}]}])
    made.add("dim_user_segments", {"user_segment": "Pro", "origin": "rule"})
    made.add(
        "fct_user_segment_memberships",
        {"user_segment": "Pro", "origin": "rule", "person_id": "p", "member_to": None},
    )
    made.add(
        "dim_identifiers",
        {"id_type": "user_id", "id_value": "u", "person_id": "p", "owned_from": None,
         "owned_to": None},
    )  # fmt: skip
    publish(made.settings)
    report = export_marts(made.settings)
    assert report.segments.file is not None
    assert report.segments.file.name == "changes-000001-20260504T090000Z.ndjson.gz"
    assert [(folder / name).read_text() for name in own] == ["somebody's"] * len(own)
