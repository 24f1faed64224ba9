"""The steps of the night by hand, in any order and with failures: they keep what it promises.

dbt's place is taken by as much of it as the promises need: a build reads the files that are new
since the last one into `fct_events`, and remembers in `int_files_read` which it has read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.build import run as build
from jobs.build.changes import Rebuild
from jobs.build.dbt_process import DbtResult, Invocation
from jobs.build.run import build_models, run_dbt
from jobs.config import Settings
from jobs.erase.run import erase
from jobs.errors import JobError
from jobs.export.run import export_marts
from jobs.ingest.run import accept_file, check_reject_share
from jobs.publish.run import publish
from tests.unit.jobs.made_warehouse import MARTS, Made, mart_types

REMEMBER = """
create or replace table intermediate.int_files_read as select file_id, revision from raw.files
"""
FROM_NOTHING = """
create or replace table intermediate.int_as_of as select timestamp '2026-05-04' as as_of;
create or replace table intermediate.int_emails_held (person_id varchar, email varchar);
create or replace table intermediate.events as
select e.* replace (files.path as message_id)
from raw.files as files, intermediate.template as e
"""
WHAT_IS_NEW = """
delete from intermediate.events
where message_id not in (select path from raw.files);
insert into intermediate.events
select e.* replace (files.path as message_id)
from raw.files as files, intermediate.template as e
where (file_id, revision) not in (select (file_id, revision) from intermediate.int_files_read)
"""


class Job:
    """A job whose files are landed, built and published in any order."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.made = Made(folder)
        self.fails = False
        self.bad: set[str] = set()
        self.landed: list[str] = []
        self.ever_published: set[str] = set()
        patch.setattr(build, "build_selected", self._build)
        patch.setattr(build, "show_dbt", self._show)
        self.made.do("update raw.builds set is_whole = false")

    def _build(self, _: Settings, arguments: Sequence[str], *__: Any) -> DbtResult:
        """What dbt does; it may break off after the first of the models."""
        columns = ", ".join(f'"{name}" {kind}' for name, kind in mart_types()["fct_events"].items())
        self.made.do("create schema if not exists intermediate")
        self.made.do(
            f"create or replace table intermediate.template ({columns});"
            " insert into intermediate.template by name select 'x' as source, 'x' as type,"
            " timestamp '2026-05-01' as occurred_at, timestamp '2026-05-01' as received_at,"
            " 'given' as timestamp_quality, false as is_excluded, true as is_behaviour,"
            " '{}' as properties, '{}' as traits, '{}' as context, '{}' as integrations,"
            " 'x' as file, 1 as row_number"
        )
        if "--full-refresh" in arguments:
            self.made.do(FROM_NOTHING)
        elif not self.fails:
            self.made.do(WHAT_IS_NEW)
        self.made.do(REMEMBER)
        if not self.fails:
            for mart in MARTS:
                listed = ", ".join(f'"{name}" {kind}' for name, kind in mart_types()[mart].items())
                self.made.do(f"create table publication.main.{mart} ({listed})")
            self.made.do("insert into publication.main.fct_events from intermediate.events")
        return DbtResult(not self.fails, "it was made to fail", (), Rebuild({}, frozenset()))

    def _show(self, invocation: Invocation) -> int:
        if "run" in invocation.arguments:
            self.made.do("create schema if not exists intermediate")
            self.made.do(REMEMBER)
        return 0

    def land(self, *, bad: bool = False) -> None:
        path = f"web/{len(self.landed)}.parquet"
        self.made.add_file(path, rejected=9 if bad else 0, is_built=False)
        self.landed.append(path)
        if bad:
            self.bad.add(path)

    def accept(self) -> None:
        for path in self.bad:
            accept_file(self.made.settings, path)
        self.bad = set()

    def build(self) -> None:
        build_models(self.made.settings)

    def publish(self) -> None:
        publish(self.made.settings)
        self.ever_published |= self.published()

    def export(self) -> None:
        export_marts(self.made.settings)

    def dbt(self, *arguments: str) -> None:
        assert run_dbt(self.made.settings, arguments) == 0

    def night(self) -> None:
        check_reject_share(self.made.settings)
        self.build()
        self.publish()
        self.export()
        assert self.published() == {*self.landed}

    def erase(self) -> None:
        erase(self.made.settings, ["nobody"], unseen=True)
        self.ever_published |= self.published()
        assert self.published() == {*self.landed}

    def failing(self, step: Callable[[], None]) -> None:
        self.fails = True
        with suppress(JobError):
            step()
        self.fails = False

    def published(self) -> set[str]:
        if not self.made.publication.exists():
            return set()
        return {path for (path,) in self.made.rows("select message_id from fct_events")}

    def check(self) -> None:
        """What holds after every step."""
        assert not self.published() & self.bad
        assert self.made.published_files() <= self.ever_published


STEPS: dict[str, Callable[[Job], None]] = {
    "land": Job.land,
    "land bad": lambda job: job.land(bad=True),
    "accept": Job.accept,
    "build": Job.build,
    "failing build": lambda job: job.failing(job.build),
    "publish": Job.publish,
    "export": Job.export,
    "night": Job.night,
    "failing night": lambda job: job.failing(job.night),
    "erase": Job.erase,
    "failing erase": lambda job: job.failing(job.erase),
    "dbt run": lambda job: job.dbt("-q", "run", "-s", "int_files_read"),
    "dbt ls": lambda job: job.dbt("-q", "ls"),
}


def run_steps(folder: Path, steps: Sequence[str]) -> Job:
    """Take the steps, whatever becomes of each, and a night that must succeed."""
    with pytest.MonkeyPatch.context() as patch:
        job = Job(folder, patch)
        for step in steps:
            with suppress(JobError):
                STEPS[step](job)
            job.check()
        job.accept()
        job.night()
        job.check()
    return job


@pytest.mark.parametrize(
    "steps",
    [
        ["land", "night", "land", "publish", "erase"],
        ["land", "night", "land bad", "night", "build", "publish", "night"],
        ["land", "night", "land bad", "publish", "night", "erase", "publish"],
        ["land", "night", "land", "dbt run", "night"],
        ["land", "night", "land", "dbt run", "publish", "erase"],
        ["land", "night", "land", "failing build", "publish", "build", "publish"],
        ["land", "night", "land", "failing erase", "dbt ls", "publish", "erase"],
    ],
    ids=" ".join,
)
def test_steps_by_hand_keep_the_promises_of_the_night(steps: list[str], tmp_path: Path) -> None:
    run_steps(tmp_path, steps)


@pytest.mark.slow
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.sampled_from(sorted(STEPS)), min_size=2, max_size=8))
def test_steps_in_any_order_keep_the_promises_of_the_night(
    steps: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    run_steps(tmp_path_factory.mktemp("orders"), ["land", *steps])
