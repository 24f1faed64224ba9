"""A night with nothing new ends after ingest, and one with anything new does not."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

import jobs
from jobs.build import run as build
from jobs.config import Settings, load_settings
from jobs.ingest.run import ingest
from jobs.nightly import run as nights
from jobs.nightly import unchanged
from jobs.nightly.run import NightReport, nightly
from jobs.publication import published_file
from jobs.warehouse import open_warehouse

TOTALS = "experience,arm,visitors\nPricing Page,control,{}\n"
CRM = "Email,Industry\nana@example.com,{}\n"
CHANGES = """
crm: {leads: leads.csv, email_column: Email, fields: {lead: [Industry]}}
reconcile: {mutiny: totals.csv}
"""


class BuiltError(Exception):
    """A night has begun to build."""


class Job:
    """A job whose last night ended well."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch = folder, patch

        self.settings = self.load()

    def load(self) -> Settings:
        return load_settings(self.folder / "lift.yml")

    @property
    def exports(self) -> Path:
        return self.settings.publish / "exports"

    def run(self, sql: str, **values: Any) -> None:
        with open_warehouse(self.settings) as con:
            con.execute(sql, values or None)

    def end_well(self) -> None:
        """Leave the warehouse as a night does that has read all that lies there now."""
        settings = self.settings
        unchanged.forget_last_night(settings)
        ingest(settings)
        self.run("create or replace table intermediate.int_files_read as from raw.files")
        build._begin_build(settings, "night")
        self.run("update raw.builds set is_whole = true")
        unchanged.keep_night(
            settings, (unchanged.inputs_of(settings), unchanged.outputs_of(settings))
        )

    def night(self, *, full_refresh: bool = False) -> NightReport:
        def begin(*_: object, **__: object) -> None:
            raise BuiltError

        self.patch.setattr(nights, "build_models", begin)
        return nightly(self.load(), full_refresh=full_refresh)

    def copy_of_code(self, package: Path, name: str) -> Path:
        """The code of this project somewhere else, with a line more in the file of this name."""
        copy = self.folder / package.name
        shutil.copytree(package, copy, ignore=shutil.ignore_patterns("var", ".*", "target"))
        with next(copy.rglob(name)).open("a") as file:
            file.write("\n")
        return copy


@pytest.fixture(scope="module")
def ended(published_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ended") / "job"
    shutil.copytree(published_sample, folder)
    with (folder / "lift.yml").open("a") as file:
        file.write(CHANGES)
    (folder / "totals.csv").write_text(TOTALS.format(120))
    (folder / "leads.csv").write_text(CRM.format("Finance"))
    warehouse = load_settings(folder / "lift.yml").warehouse
    small = warehouse.with_name("small.duckdb")
    with duckdb.connect(str(warehouse)) as con:  # the raw tables are all that is read
        for schema in ("staging", "intermediate", "seeds"):
            con.execute(f"drop schema {schema} cascade")
        con.execute("create schema intermediate")
        con.execute(f"attach '{small}' as small")
        con.execute(f"copy from database {warehouse.stem} to small")
    small.replace(warehouse)
    return folder


@pytest.fixture
def job(ended: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    shutil.copytree(ended, tmp_path / "job")
    job = Job(tmp_path / "job", monkeypatch)
    job.end_well()
    return job


def _landed(job: Job) -> Path:
    return min((job.folder / "landing").rglob("*.parquet"))


def _append(path: Path, text: str = "\n") -> None:
    path.chmod(0o644)
    with path.open("a") as file:
        file.write(text)


def _new_file(job: Job) -> None:
    shutil.copy(_landed(job), _landed(job).with_name("again.parquet"))


def _staged_by_hand(job: Job) -> None:
    _new_file(job)
    ingest(job.settings)


def _rewritten(job: Job) -> None:
    rows = job.folder / "rows.parquet"
    with duckdb.connect() as con:
        con.execute(f"copy (from '{_landed(job)}' limit 3) to '{rows}'")
    rows.replace(_landed(job))


def _touched(job: Job) -> None:
    os.utime(_landed(job), ns=(1, 1))


def _other_settings(job: Job) -> None:
    _append(job.folder / "lift.yml", "\nstatistics: {alpha: 0.1}\n")


def _other_formats(job: Job) -> None:
    _append(job.folder / "lift.yml", "\nexports: {formats: [csv]}\n")


def _clock(job: Job) -> None:
    """A message that lay in the future of the last build, and has been received since."""
    with open_warehouse(job.settings) as con:
        ((started,),) = con.execute("select started_at from raw.builds").fetchall()
    job.run(
        "update raw.messages set received_at = $at where message_id = ("
        "    select min(message_id) from raw.messages"
        ")",
        at=started + timedelta(microseconds=1),
    )


def _other_macro(job: Job) -> None:
    copy = job.copy_of_code(build.project_folder(), "units.sql")
    job.patch.setattr(unchanged, "project_folder", lambda: copy)
    job.patch.setattr(build, "project_folder", lambda: copy)


def _other_publisher(job: Job) -> None:
    copy = job.copy_of_code(Path(jobs.__path__[0]), "datapackage.py")
    job.patch.setattr(jobs, "__path__", [str(copy)])


def _other_library(job: Job) -> None:
    (job.folder / "duckdb-1.0.dist-info").mkdir()
    job.patch.setattr(sys, "path", [*sys.path, str(job.folder)])


def _failed(job: Job) -> None:
    job.patch.setattr(nights, "ingest", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        nightly(job.settings)
    job.patch.undo()


NEWS: dict[str, Callable[[Job], object]] = {
    "a_file_came": _new_file,
    "a_file_went": lambda job: _landed(job).unlink(),
    "a_file_was_rewritten": _rewritten,
    "a_file_was_touched": _touched,
    "a_file_was_staged_by_hand": _staged_by_hand,
    "a_file_was_accepted": lambda job: job.run("update raw.files set is_accepted = true"),
    "lift_yml_changed": _other_settings,
    "formats_changed": _other_formats,
    "the_crm_changed": lambda job: (job.folder / "leads.csv").write_text(CRM.format("Software")),
    "the_totals_changed": lambda job: (job.folder / "totals.csv").write_text(TOTALS.format(121)),
    "a_future_message_was_received": _clock,
    "a_macro_changed": _other_macro,
    "what_publishes_changed": _other_publisher,
    "a_library_changed": _other_library,
    "a_night_failed": _failed,
    "a_night_was_killed": lambda job: unchanged.forget_last_night(job.settings),
    "a_build_failed": lambda job: job.run("update raw.builds set is_whole = false"),
    "the_marts_went": lambda job: (job.folder / "var" / "warehouse.marts.duckdb").unlink(),
    "the_publication_went": lambda job: published_file(job.settings).unlink(),
    "the_publication_was_altered": lambda job: _append(published_file(job.settings)),
    "an_export_went": lambda job: (job.exports / "dim_persons.csv").unlink(),
    "an_export_was_altered": lambda job: _append(job.exports / "dim_persons.csv"),
    "the_exports_went": lambda job: shutil.rmtree(job.exports),
}


@pytest.mark.parametrize("news", NEWS)
def test_nightly_builds_when(news: str, job: Job) -> None:
    NEWS[news](job)
    with pytest.raises(BuiltError):
        job.night()


def test_nightly_builds_when_it_is_to_refresh_all(job: Job) -> None:
    with pytest.raises(BuiltError):
        job.night(full_refresh=True)


def test_nightly_with_nothing_new_records_its_run_and_touches_nothing(job: Job) -> None:
    message = "(select min(message_id) from raw.messages)"
    tomorrow = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
    job.run(f"update raw.messages set received_at = $at where message_id = {message}", at=tomorrow)
    published_file(job.settings).with_name("lift.duckdb.wal").write_text("a reader's")
    before = unchanged.outputs_of(job.settings)
    for _ in range(2):
        report = job.night()
        assert (report.is_new, report.publication) == (False, published_file(job.settings))
    assert unchanged.outputs_of(job.settings) != before  # without the log of the reader
    with open_warehouse(job.settings) as con:
        runs = con.execute(
            "select outcome, finished_at >= started_at from raw.runs order by started_at desc"
        ).fetchall()
    assert runs[:2] == [("nothing_new", True)] * 2


@pytest.mark.parametrize(
    "change",
    [
        "insert into raw.tombstones values ('a', null, null, '2026-01-01')",
        "update raw.crm_files set fingerprint = 'of others'",
        "update raw.files set is_present = false",
    ],
)
def test_nightly_knows_what_changed_in_the_ledger(change: str, job: Job) -> None:
    before = unchanged.inputs_of(job.settings)
    job.run(change)
    assert unchanged.inputs_of(job.settings) != before
