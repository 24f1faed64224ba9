"""The exports: what they hold, what describes them, and whose files they leave alone."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from frictionless import Package

from jobs.config import load_settings
from jobs.errors import UsageError
from jobs.export import run as exporting
from jobs.export.datapackage import DESCRIPTION
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
        con.execute("drop macro run_id; drop macro as_of; drop macro schema_version")
    export_marts(made.settings)
    described = package(made)
    assert [described[key] for key in ("run_id", "as_of", "schema_version")] == [None] * 3


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


def test_export_keeps_formulas_from_running_in_csv_and_every_text_in_parquet(made: Made) -> None:
    texts = [
        "=cmd|' /C calc'!A0", "+1 (555) 0100", "-x", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''@",
        "-", "-5", "+3.25", ".5", "-.5", "plain", "it's", "'quoted'", "a=b", "", "ä\nb",
    ]  # fmt: skip
    made.add(
        "dim_persons",
        *({"person_id": f"{place:02}", "email": text} for place, text in enumerate(texts)),
    )
    made.add("rpt_conversion_catalog", {"event_name": "Other", "sources": ["=1"]})
    publish(made.settings)
    export_marts(made.settings)
    files = exports(made) / "dim_persons"
    with Path(f"{files}.csv").open(newline="", encoding="utf-8") as lines:
        written = [row["email"] for row in csv.DictReader(lines)][1:]
    changed = dict(zip(texts, written, strict=True))
    assert {text for text in texts if changed[text] != text} == {*texts[:9]}
    assert not any(re.match(r"[=+@\t\r]|-[^0-9.]", text) for text in written if text != "+3.25")
    read = [re.sub(r"^'('*[=+@\t\r-])", r"\1", text) for text in written]
    assert read == texts
    assert pl.read_parquet(f"{files}.parquet")["email"].to_list()[1:] == texts
    assert '"[""=1""]"' in (exports(made) / "rpt_conversion_catalog.csv").read_text()


def test_export_is_a_valid_package_of_the_csv_files(published_sample: Path) -> None:
    folder = load_settings(published_sample / "lift.yml").publish / "exports"
    described = json.loads((folder / DESCRIPTION).read_text())
    assert Package.metadata_validate(described) is not None
    described["resources"] = [each for each in described["resources"] if each["format"] == "csv"]
    assert len(described["resources"]) > 50

    def errors() -> list[str]:
        report = Package.from_descriptor(described, basepath=str(folder)).validate()
        return [error.message for task in report.tasks for error in task.errors]

    assert errors() == []
    wrong = next(each for each in described["resources"] if each["name"] == "dim_experiences.csv")
    described["resources"] = [wrong]
    wrong["schema"]["fields"][0]["type"] = "integer"
    assert len(errors()) > 0


def test_export_tells_an_empty_text_from_a_missing_one_where_none_is_missing(made: Made) -> None:
    made.add("dim_persons", {"person_id": ""})
    publish(made.settings)
    export_marts(made.settings)
    described = package(made)
    described["resources"] = [
        each for each in described["resources"] if each["name"] == "dim_persons.csv"
    ]
    assert Package.from_descriptor(described, basepath=str(exports(made))).validate().valid


def test_export_names_a_format_that_fails_and_writes_the_rest(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.configure(exports={"formats": ["parquet", "xlsx"]})
    export_marts(made.settings)
    before = (exports(made) / "lift.xlsx").read_bytes()
    made.add("dim_persons", {"person_id": "q"})
    publish(made.settings)
    monkeypatch.setattr(exporting, "write_workbook", lambda *_: 1 / 0)
    with pytest.raises(ExportError, match=r"lift\.xlsx could not be written \(division by zero\)"):
        export_marts(made.settings)
    assert pl.read_parquet(exports(made) / "dim_persons.parquet").height == 2
    assert (exports(made) / "lift.xlsx").read_bytes() == before
    assert ".lift.xlsx.new" not in names(made)
    made.configure(exports={"formats": ["parquet"]})
    export_marts(made.settings)
    assert "lift.xlsx" not in names(made)


def test_export_asks_for_what_is_missing_before_it_writes(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.configure(exports={"postgres_env": "LIFT_TEST_UNSET"})
    with pytest.raises(UsageError, match="names the environment variable LIFT_TEST_UNSET, which"):
        export_marts(made.settings)
    made.configure(exports={"formats": ["hyper"]})
    monkeypatch.setattr(exporting, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"run `pip install 'segment-lift\[hyper\]'`"):
        export_marts(made.settings)
    assert not exports(made).exists()
