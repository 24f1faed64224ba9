"""An erased person is in no value and no byte of what the job keeps, and does not come back."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest import ledger
from ingest import sql as ingest_sql
from ingest.sql import quoted
from jobs.build import run as build
from jobs.cli.app import main
from jobs.config import Settings, load_settings
from jobs.erase import run as erase
from jobs.errors import JobError, UsageError
from jobs.ingest.run import accept_file, ingest
from jobs.nightly.run import nightly
from jobs.publication import published_file
from jobs.publish import run as publish
from jobs.publish.replace import PublishError, rollback
from tests.warehouse.erasure_world import (
    CONTACTS,
    GONE,
    LATE,
    LEADS,
    LOG,
    OWN_NAMES,
    SHARED,
    STAYS,
    UNPUBLISHED,
    gone_messages,
    late_messages,
    under_new_ids,
    write_company,
    write_crm,
    write_messages,
)
from tests.warehouse.nights import published_tables
from tests.warehouse.test_nightly import lift

pytestmark = pytest.mark.slow

# Rows that were kept out, and nights, are counted where the person was never.


@dataclass(frozen=True)
class Erased:
    """A company whose person was erased, and what was found of them before."""

    folder: Path
    settings: Settings
    preview: erase.Receipt
    receipt: erase.Receipt
    named_before: set[str]


@pytest.fixture(scope="module")
def without_compression(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every DuckDB file that the job or dbt writes is uncompressed: its bytes can be searched."""
    project = tmp_path_factory.mktemp("project")
    for name in ("models", "macros", "tests", "data/seeds"):
        shutil.copytree(build.project_folder() / name, project / name)
    for path in (*project.rglob("*.sql"), *project.rglob("*.yml")):
        path.write_text(path.read_text().replace("using compression zstd", ""))
    shutil.copy(build.project_folder() / "dbt_project.yml", project)
    profiles = (build.project_folder() / "profiles.yml").read_text()
    setting = "{TimeZone: UTC}"
    assert setting in profiles
    (project / "profiles.yml").write_text(
        profiles.replace(setting, "{TimeZone: UTC, force_compression: uncompressed}")
    )
    connect = duckdb.connect

    def connect_uncompressed(*arguments: Any, **options: Any) -> duckdb.DuckDBPyConnection:
        if not options.get("read_only"):
            options["config"] = options.get("config", {}) | {"force_compression": "uncompressed"}
        return connect(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        statement = ingest_sql.statement
        patch.setattr(
            ledger,
            "statement",
            lambda name, **parts: statement(name, **parts).replace("using compression zstd", ""),
        )
        patch.setattr(build, "project_folder", lambda: project)
        patch.setattr(duckdb, "connect", connect_uncompressed)
        yield


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, without_compression: None) -> Path:
    """A company with three publications, a failed run and what killed runs left."""
    folder = tmp_path_factory.mktemp("company")
    settings = write_company(folder)
    first_night(settings)
    for _ in ("second", "third"):
        publish.publish(settings)
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute(
            "insert into raw.runs (run_id, started_at, outcome, version, config_hash, error)"
            f" values ('failed', now(), 'failed', '0', '0', 'a check failed (user_id: {GONE})')"
        )
    for left in (
        "var/warehouse.duckdb.new",
        "var/warehouse.duckdb.tmp/duckdb_temp_storage_DEFAULT-0.tmp",
        "var/warehouse.duckdb.tmp/landing-x/0.parquet",
        "var/published/.lift.duckdb.new",
        "var/published/events/fct_events-earlier-00000000000000000001.parquet",
        "var/published/exports/.dim_identifiers.parquet.new",
        "var/published/segments/.changes-000009-20260504T090000Z.ndjson.gz.new",
        "var/dbt/logs/dbt.log.1",
    ):
        path = folder / left
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"left of {GONE}".encode())
    return folder


@pytest.fixture(scope="module")
def erased(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Erased:
    folder = tmp_path_factory.mktemp("erased") / "company"
    shutil.copytree(company, folder)
    settings = load_settings(folder / "lift.yml")
    named_before = set(naming_files(folder))
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match="No message has the user id nobody"):
        erase.erase(settings, [GONE, "nobody"])
    preview = erase.preview(settings, [GONE, "nobody"], unseen=True)
    del files[settings.warehouse.with_suffix(".lock")]
    assert {path: path.read_bytes() for path in files} == files
    receipt = erase.erase(settings, [GONE, "nobody"], unseen=True)
    return Erased(folder, settings, preview, receipt, named_before)


def first_night(settings: Settings) -> None:
    """Run the night although the lines that are no messages fill a file."""
    ingest(settings)
    accept_file(settings, LOG)
    nightly(settings)


def kept_files(folder: Path) -> list[Path]:
    """Every file below the job's folder but the operator's: `landing`, `crm` and `lift.yml`."""
    return [path for path in (folder / "var").rglob("*") if path.is_file()]


def naming_files(folder: Path) -> dict[str, set[str]]:
    """The person's names by the files that hold them, as bytes or, where packed, as values."""
    found: dict[str, set[str]] = {}
    for path in kept_files(folder):
        content = path.read_bytes()
        texts = [content.decode(errors="replace")]
        if path.suffix == ".gz" and content.startswith(b"\x1f\x8b"):
            texts.append(gzip.decompress(content).decode())
        elif path.suffix == ".duckdb":
            texts += database_values(path)
        elif path.suffix == ".parquet" and content.startswith(b"PAR1"):
            texts += values(duckdb.connect(), f"from read_parquet('{path}')")
        names = {name for name in OWN_NAMES if any(name in text for text in texts)}
        if names:
            found[str(path.relative_to(folder))] = names
    return found


def database_values(path: Path) -> list[str]:
    marts = path.with_name(f"{path.stem}.marts.duckdb")
    with duckdb.connect(str(path), read_only=True) as con:
        if marts.exists():  # views of the warehouse read them
            con.execute(f"attach '{marts}' as publication (read_only)")
        tables = con.execute(
            "select database_name, schema_name, table_name from duckdb_tables()"
            " union all"
            " select database_name, schema_name, view_name from duckdb_views() where not internal"
        ).fetchall()
        return [
            text for table in tables for text in values(con, f"from {'.'.join(map(quoted, table))}")
        ]


def values(con: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    """Every value as text, each once."""
    columns = [row[0] for row in con.execute(f"describe {relation}").fetchall()]
    return [
        text
        for column in columns
        for (text,) in con.execute(
            f'select distinct "{column}"::varchar {relation} where "{column}" is not null'
        ).fetchall()
    ]


def read(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(sql).fetchall()


# How the receipt names the files of a run that failed before.
EARLIER = ("Landing files with rows of persons erased", "CRM files with records of persons erased")


def tables(settings: Settings) -> dict[str, list[str]]:
    return published_tables(published_file(settings))


def test_erase_removes_every_value_and_every_byte_of_the_person(erased: Erased) -> None:
    # The search sees: uncompressed as well as packed files named the person before.
    assert {
        "var/warehouse.duckdb", "var/warehouse.marts.duckdb", "var/published/lift.duckdb",
        "var/published/exports/dim_identifiers.parquet",
        "var/published/exports/dim_identifiers.csv", "var/warehouse.duckdb.new",
    } <= erased.named_before  # fmt: skip
    for name in ("generations", "segments/changes-", "segments/state-"):
        assert any(name in named for named in erased.named_before), name
    assert naming_files(erased.folder) == {}


def test_erase_without_compression_leaves_texts_to_search(company: Path) -> None:
    for name, untold in (
        ("warehouse.duckdb", (UNPUBLISHED[0], LATE)),
        ("published/lift.duckdb", UNPUBLISHED),
    ):
        content = (company / "var" / name).read_bytes()
        assert {own for own in OWN_NAMES if own.encode() not in content} <= set(untold)


def test_erase_leaves_others_as_if_the_person_had_never_been(
    erased: Erased, tmp_path: Path
) -> None:
    never = write_company(tmp_path, with_gone=False)
    first_night(never)
    without_person = tables(never)
    assert without_person["fct_experience_lift"]
    assert len(without_person["fct_conversions"]) == 5
    found = tables(erased.settings)
    for table, expected in without_person.items():
        assert found[table] == expected, table
    assert without_person["bridge_person_crm"]
    crm = "select * exclude (file, is_dated, valid_from) from raw.crm_records order by object"
    assert read(erased.settings.warehouse, crm) == read(never.warehouse, crm) != []
    assert read(
        published_file(never),
        f"select person_id, owned_from, owned_to from dim_identifiers where id_value = '{SHARED}'",
    ) == [(f"user_id:{STAYS}", None, None)]


def test_erase_adds_up_per_file(erased: Erased) -> None:
    gone, others = len(gone_messages()), 4 + 12 * 2 + 4
    assert read(
        published_file(erased.settings),
        "select file, landed, rejected, duplicates + staged from rpt_reconciliation order by file",
    ) == [
        (LOG, 4, 4, 0),
        ("web/all.parquet", gone + 1 + others, gone + 1, others),
        ("web/gone.parquet", gone, gone, 0),
        ("web/others.parquet", others, 0, others),
    ]
    rejects = read(
        published_file(erased.settings),
        "select reason, payload_md5 is not null, count(*) from rpt_rejects"
        " group by all order by all",
    )
    assert rejects == [
        ("erased", False, 2 * gone + 1), ("no_json_object", False, 1), ("unknown_type", False, 2),
        ("unknown_type", True, 1),
    ]  # fmt: skip


def test_erase_receipt_says_what_was_removed_and_what_names_them_still(erased: Erased) -> None:
    receipt = erased.receipt
    assert receipt.identifiers == {"user_id": 2, "anonymous_id": 3, "mutiny_visitor_id": 1}
    counts = [(file.messages, file.rejected_rows, file.crm_records) for file in receipt.files]
    assert [sum(column) for column in zip(*counts, strict=True)] == [
        2 * len(gone_messages()) + 1, 3, 2,
    ]  # fmt: skip
    assert receipt.unknown_ids == ("nobody",)
    assert receipt.generations == 3
    assert receipt.paths(is_crm=False, is_now=True) == [
        LOG, "web/all.parquet", "web/gone.parquet",
    ]  # fmt: skip
    assert all(file.is_now for file in receipt.files)
    # As they were called when they were read.
    assert [path.rsplit("/", 2)[1:] for path in receipt.paths(is_crm=True, is_now=True)] == [
        CONTACTS.split("/"), LEADS.split("/"),
    ]  # fmt: skip


def test_erase_dry_run_gives_the_receipt_and_changes_nothing(erased: Erased) -> None:
    assert erased.preview == erased.receipt


def test_erase_leaves_nothing_to_go_back_to(erased: Erased) -> None:
    with pytest.raises(PublishError, match="nothing to go back to"):
        rollback(erased.settings)


def test_erase_keeps_the_key_to_its_owner_and_no_identifier_in_the_tombstones(
    erased: Erased,
) -> None:
    key = erased.settings.warehouse.with_name("warehouse.erasure-key")
    assert (len(key.read_bytes()), key.stat().st_mode & 0o777) == (32, 0o600)
    tombstones = read(erased.settings.warehouse, "from raw.tombstones")
    whole = [row for row in tombstones if row[1:3] == (None, None)]
    # All but the tablet, one who was found nowhere, and a message that an interval alone ties.
    assert (len(tombstones), len(whole)) == (10, 9)


def test_erase_meets_a_replay_under_new_ids_and_publishes_the_same(
    erased: Erased, tmp_path: Path
) -> None:
    shutil.copytree(erased.folder, tmp_path / "company")
    settings = load_settings(tmp_path / "company" / "lift.yml")
    web = tmp_path / "company" / "landing" / "web"
    write_messages(web / "replayed.parquet", under_new_ids(gone_messages()))
    os.utime(web / "gone.parquet")
    (web / "all.parquet").rename(web / "moved.parquet")
    write_crm(tmp_path / "company", spelled="gone.PERSON@")
    nightly(settings)
    assert read(
        settings.warehouse, "select object, landed, erased from raw.crm_files order by object"
    ) == [("contact", 2, 1), ("lead", 2, 1)]
    assert tables(settings) == tables(erased.settings)
    assert naming_files(tmp_path / "company") == {}
    assert read(
        published_file(settings),
        "select distinct reason, payload_length, payload_md5 from rpt_rejects"
        " where file in ('web/replayed.parquet', 'web/moved.parquet')",
    ) == [("erased", None, None)]


def test_erase_interrupted_at_any_step_is_finished_by_the_same_command(
    company: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(company, tmp_path / "company")
    settings = load_settings(tmp_path / "company" / "lift.yml")
    lost = "the disk was lost"

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(lost)

    # A device that the last build does not know, published by hand before any build has read it.
    late = tmp_path / "company" / "landing" / "web" / "late.parquet"
    write_messages(late, late_messages())
    ingest(settings)
    publish.publish(settings)
    own = [
        tmp_path / "company" / "var" / name
        for name in ("dbt/dbt_project.yml", "published/report/notes.txt", "published/exports/a.twb")
    ]
    for path in own:
        path.parent.mkdir(exist_ok=True)
        path.write_text("somebody's")
    for step in ("rewrite_warehouse", "erase_from_segment_files", "remove_generations"):
        with monkeypatch.context() as patch:
            patch.setattr(erase, step, fail)
            with pytest.raises(OSError, match=lost):
                erase.erase(settings, [GONE])
    monkeypatch.chdir(tmp_path / "company")
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["erase", "--user-id", GONE, "--log-format", "json"])
    printed = capsys.readouterr().err
    assert ended.value.code == 0, printed
    assert naming_files(tmp_path / "company") == {}
    assert [path.read_text() for path in own] == ["somebody's"] * len(own)
    said = [json.loads(line)["message"] for line in printed.splitlines()]
    assert f"erased before: {GONE}" in said
    # Emptied by a run that failed, and nobody can tell any more whose rows they were.
    assert [words.split(": ")[1] for words in said if words.startswith(EARLIER[0])] == [
        LOG, "web/all.parquet", "web/gone.parquet", "web/late.parquet",
    ]  # fmt: skip
    assert sum(words.startswith(EARLIER[1]) for words in said) == 2
    # Their emails are kept out too.
    write_crm(tmp_path / "company", spelled="gone.PERSON@")
    assert [read.rows_erased for read in ingest(settings).crm] == [1, 1]


def test_erase_without_its_key_lets_no_night_begin(erased: Erased, tmp_path: Path) -> None:
    shutil.copytree(erased.folder, tmp_path / "company")
    settings = load_settings(tmp_path / "company" / "lift.yml")
    settings.warehouse.with_name("warehouse.erasure-key").unlink()
    before = read(settings.warehouse, "from raw.runs")
    for command in (nightly, lambda settings: erase.erase(settings, ["user-3"])):
        with pytest.raises(JobError, match="restore it from your backup"):
            command(settings)
    assert lift("ingest", folder=tmp_path / "company").returncode == 1
    assert read(settings.warehouse, "from raw.runs") == before
    settings.warehouse.with_name("warehouse.erasure-key").write_bytes(b"short")
    with pytest.raises(JobError, match="has 5 bytes"):
        nightly(settings)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "has no user id"),
        (("--user-id", " "), "has no user id"),
        (("--from", "empty.txt"), "empty.txt has no user id"),
        (("--from", "nowhere.txt"), "nowhere.txt cannot be read"),
        (("--from", "binary.txt"), "binary.txt cannot be read"),
    ],
)
def test_erase_of_nobody_is_a_usage_error(
    arguments: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    (tmp_path / "lift.yml").write_text("landing: landing\n")
    (tmp_path / "empty.txt").write_text("\n  \n")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\xff")
    done = lift("erase", *arguments, folder=tmp_path)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.split())
    assert not (tmp_path / "var").exists()


def test_erase_before_the_first_night_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "lift.yml").write_text("landing: landing\n")
    (tmp_path / "ids.txt").write_text("\ufeffa\n\n b \na\n")
    assert erase.read_user_ids(["c"], tmp_path / "ids.txt") == ["c", "a", "b"]
    done = lift("erase", "--user-id", "a", folder=tmp_path)
    assert done.returncode == 1
    assert "run `lift nightly` first" in done.stderr
