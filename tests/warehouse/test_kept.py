"""What a build takes over from the one before, what it computes again, and when it begins anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from jobs.build import run as build
from jobs.build.run import build_models
from jobs.config import Settings
from jobs.ingest.run import ingest
from jobs.publish.run import publish
from jobs.warehouse import open_warehouse
from tests.warehouse.nights import published, published_tables, write_settings
from tests.warehouse.oracle.entries import Entry
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.worlds import world_settings, write_landing

VIEW: dict[str, Any] = {
    "event": "Mutiny Experience Viewed",
    "properties": {"experience": "Homepage", "audienceSegment": "SMB", "personalized": True},
}
SIGNUP: dict[str, Any] = {"event": "Signed Up"}
# Visitors by name, each with the hour of its view.
FIRST = {"quiet": 1, "busy": 1}
# A view that is sent again with nothing changed but what figures are broken down by.
MENDED = {"mended": 1}
# An experience of its own, seen again two days later.
EARLY, LATE = {"early": 1}, {"late": 49}
# Views without a conversion, of which one is sent again as a view of another experience.
MOVED, STAYED = {"moved": 1}, {"stayed": 1}
BREAKDOWNS = {"context.groupId": "context_group_id", "context.locale": "context_locale"}
# What comes of a login reaches the view of the night before.
SECOND = {"busy": 2}
# A variant that only a view of the second night calls control.
ENTRIES = (Entry(), Entry("segment_experiment"))
ARMED_FIRST, ARMED_LATER = ("D1", "D2"), ("D3",)
ORIGINAL = {"experiment_name": "X", "variation_name": "Original"}
FEEDS = [
    "int_identifiers", "int_identifier_links", "int_identifier_owners", "int_message_persons",
]  # fmt: skip
AFFECTED = ["int_affected_combinations", "int_affected_persons", "int_affected_units"]


@dataclass
class Job:
    """A folder with a landing zone and a warehouse, and its configuration."""

    folder: Path
    configured: OracleSettings = field(
        default_factory=partial(world_settings, breakdowns=BREAKDOWNS, exposures=ENTRIES)
    )

    @property
    def settings(self) -> Settings:
        return write_settings(self.folder, self.configured)

    def land(self, messages: Iterable[RawMessage], file: str) -> None:
        """Land messages as files of their own and stage them."""
        night = self.folder / file
        write_landing(messages, night)
        for path in night.rglob("*.parquet"):
            target = self.folder / "landing" / path.parent.name / f"{file}-{path.name}"
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
        ingest(self.settings)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return published(self.settings.warehouse, sql)

    def do(self, sql: str) -> None:
        """Change the warehouse behind the job's back."""
        with duckdb.connect(str(self.settings.warehouse)) as con:
            con.execute(sql)

    def owners(self) -> set[object]:
        return {row["id_value"] for row in self.rows("from dim_identifiers")}


def _messages(
    hours: dict[str, int], locale: str = "en", experience: str = "Homepage"
) -> Iterator[RawMessage]:
    """A view and a signup of each visitor."""
    view = {**VIEW, "properties": {**VIEW["properties"], "experience": experience}}
    for name, hour in hours.items():
        for row, event in enumerate((view, SIGNUP), start=1):
            yield _message(name, hour, row, type="track", context={"locale": locale}, **event)


def _views(hours: dict[str, int], *experiences: str) -> list[RawMessage]:
    """A view of each experience by each visitor."""
    return [
        _message(
            name,
            hour,
            row,
            type="track",
            context={},
            event=VIEW["event"],
            properties=VIEW["properties"] | {"experience": experience},
        )
        for name, hour in hours.items()
        for row, experience in enumerate(experiences, start=1)
    ]


def _logins(hours: dict[str, int]) -> Iterator[RawMessage]:
    """Each visitor says who it is."""
    for name, hour in hours.items():
        yield _message(name, hour, 1, type="identify", userId=f"{name}/U1", context={})


def _message(name: str, hour: int, row: int, **fields: Any) -> RawMessage:
    at = f"{datetime(2026, 5, 1) + timedelta(hours=hour):%FT%TZ}"
    fields["context"] = {**fields["context"], "groupId": f"{name}/acme"}
    known = {"messageId": f"{name}/{hour}-{row}", "anonymousId": f"{name}/D1"}
    return RawMessage("web", name, row, known | {"timestamp": at, "receivedAt": at} | fields)


def _experiment_views(devices: Iterable[str], **properties: str) -> Iterator[RawMessage]:
    """A view of the original by each device, and a signup an hour later."""
    for place, device in enumerate(devices):
        for hour, event in enumerate(
            ({"event": "Experiment Viewed", "properties": ORIGINAL | properties}, SIGNUP)
        ):
            payload = {
                "messageId": f"armed/{device}-{hour}",
                "type": "track",
                "anonymousId": f"armed/{device}",
                "timestamp": f"2026-05-01T0{hour}:00:00Z",
                "receivedAt": f"2026-05-01T0{hour}:00:00Z",
                **event,
            }
            yield RawMessage("web", "armed", 2 * place + hour + 1, payload)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """Two builds, and between them a row is lost that no message of the second touches."""
    job = Job(tmp_path_factory.mktemp("kept"))
    job.land(_messages(FIRST | MENDED), "first")
    job.land(_experiment_views(ARMED_FIRST), "armed-first")
    job.land(_messages(EARLY, experience="Pricing"), "early")
    job.land(_views(STAYED, "Before", "After"), "stayed")
    job.land(_views(MOVED, "Before"), "moved")
    build_models(job.settings, run_id="first")
    job.land(_logins(SECOND), "second")
    job.land(_experiment_views(ARMED_LATER, variation_id="control"), "armed-later")
    job.land(_messages(MENDED, locale="de"), "first")
    job.land(_views(MOVED, "After"), "moved")
    assert job.rows("select bool_and(is_built) as every from raw.files") == [{"every": False}]
    job.land(_messages(LATE, experience="Pricing"), "late")
    job.do("delete from intermediate.int_identifier_owners where id_value = 'quiet/D1'")
    job.do(
        "delete from intermediate.int_daily_lifts where conversion = 'signup' and study_id in"
        " (select study_id from intermediate.int_studies where experience = 'Pricing')"
    )
    build_models(job.settings, run_id="second")
    return job


def test_incremental_only_what_new_messages_affect_is_computed_again(job: Job) -> None:
    for name in [*(f"{feed}__delta" for feed in FEEDS), *AFFECTED]:
        affected = [str(row) for row in job.rows(f"from intermediate.{name}")]
        assert affected, name
        assert not [row for row in affected if "quiet/" in row], name


def test_kept_is_recorded_by_the_files_that_the_build_has_read(job: Job) -> None:
    assert job.rows("select bool_and(is_built) as every from raw.files") == [{"every": True}]
    with open_warehouse(job.settings) as con:
        assert build.is_current(job.settings, con)


def test_kept_figures_hold_what_was_not_computed_again(job: Job) -> None:
    visitors = """
        select distinct variant_visitors
        from fct_experience_lift
        where vendor = 'mutiny' and experience = 'Homepage'
    """
    assert job.rows(visitors) == [{"variant_visitors": 3}]
    by_locale = """
        select context_locale, sum(visitors)
        from fct_experience_cube
        where vendor = 'mutiny' and experience = 'Homepage' and conversion = 'signup'
            and audience_segment = '(all)'
        group by all
        order by all
    """
    assert [tuple(row.values()) for row in job.rows(by_locale)] == [("de", 1), ("en", 2)]


def test_kept_assignments_follow_a_view_that_is_sent_again_with_another_experience(
    job: Job,
) -> None:
    assigned = """
        select experience, count(*) as units
        from fct_assignments
        where experience in ('Before', 'After') and audience_segment = '(all)'
        group by all
        order by all
    """
    assert job.rows(assigned) == [
        {"experience": "After", "units": 2},
        {"experience": "Before", "units": 1},
    ]


def test_kept_is_one_arm_per_variant_whichever_night_said_so(job: Job) -> None:
    def arms(table: str) -> list[dict[str, Any]]:
        of_vendor = "where vendor = 'segment_experiment'"
        return job.rows(f"select arm, count(*) as rows from {table} {of_vendor} group by all")

    assert arms("fct_exposures") == [{"arm": "control", "rows": 3}]
    assert arms("fct_assignments") == [{"arm": "control", "rows": 3}]
    assert arms("(select distinct vendor, arm from fct_experience_cube)") == [
        {"arm": "control", "rows": 1}
    ]
    lift = "from fct_experience_lift where vendor = 'segment_experiment'"
    assert job.rows(f"select distinct status, control_visitors {lift}") == [
        {"status": "no_treatment_arm", "control_visitors": 3}
    ]
    credited = "from fct_attributions where vendor = 'segment_experiment'"
    assert job.rows(credited) == []
    findings = "select finding_count from dq_findings where check_name = 'variant_in_two_arms'"
    assert job.rows(findings) == [{"finding_count": 2}]


def test_kept_daily_rows_are_made_from_the_first_day_that_changed_on(job: Job) -> None:
    days = """
        select as_of_date, conversion, variant_visitors
        from fct_experience_lift_daily
        where vendor = 'mutiny' and experience = 'Pricing' and audience_segment = '(all)'
            and metric = 'conversion_rate'
        order by all
    """
    assert [tuple(row.values()) for row in job.rows(days)] == [
        (date(2026, 5, 1), "order", 1), (date(2026, 5, 1), "pricing_page", 1),
        (date(2026, 5, 3), "order", 2), (date(2026, 5, 3), "pricing_page", 2),
        (date(2026, 5, 3), "signup", 2),
    ]  # fmt: skip
    homepage = "select distinct as_of_date from intermediate.int_looks"
    assert min(row["as_of_date"] for row in job.rows(homepage)) == date(2026, 5, 1)


def test_kept_is_what_no_message_touches_until_a_build_does_not_end_well(job: Job) -> None:
    assert "quiet/D1" not in job.owners()
    merge = {"absorbed_person_id": "anonymous_id:busy/D1", "person_id": "user_id:busy/U1"}
    merges = "select absorbed_person_id, person_id, run_id from fct_identity_merges"
    assert job.rows(merges) == [{**merge, "run_id": "second"}]
    job.do("update raw.builds set is_whole = false")
    build_models(job.settings, run_id="third")
    assert "quiet/D1" in job.owners()
    assert job.rows(merges) == [{**merge, "run_id": "second"}]


def test_build_begins_when_its_run_did_and_by_hand_it_is_its_own(tmp_path: Path) -> None:
    settings = write_settings(tmp_path, world_settings())
    before = datetime.now(UTC).replace(tzinfo=None)
    build._begin_build(settings, build.MANUAL)
    read = "select started_at from raw.builds"
    [by_hand] = published(settings.warehouse, read)
    assert before <= by_hand["started_at"] <= datetime.now(UTC).replace(tzinfo=None)
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute(
            "insert into raw.runs (run_id, started_at, outcome, version, config_hash)"
            " values ('night', '2026-05-01 02:30:00', 'running', '', '')"
        )
    build._begin_build(settings, "night")
    assert published(settings.warehouse, read) == [{"started_at": datetime(2026, 5, 1, 2, 30)}]


def test_kept_is_what_a_change_of_the_settings_does_not_reach(job: Job) -> None:
    """Upon the build from nothing of the test before: other settings, and messages beside."""
    [first, *others] = job.configured.conversions
    job.configured = replace(
        job.configured,
        breakdowns={"properties.experience": "properties_experience"},
        conversions=(replace(first, window=first.window + timedelta(hours=6)), *others),
    )
    job.land(_messages({"later": 3}), "later")
    build_models(job.settings, run_id="changed")
    changed = published_tables(publish(job.settings).path)
    rebuilt = "select node from raw.fingerprints where whole_by = 'changed'"
    names = {str(row["node"]).split(".")[-1] for row in job.rows(rebuilt)}
    assert {"int_unit_fields", "int_interval_conversions", "fct_experience_cube"} <= names
    kept = {"int_identifier_components", "int_exposure_messages", "int_assignment_intervals"}
    assert not kept & names
    assert job.rows("select count(*) as n from raw.fingerprints where whole_by = 'third'")[0]["n"]
    cube = (
        "select distinct properties_experience from fct_experience_cube"
        " where vendor = 'mutiny' order by all"
    )
    found = [row["properties_experience"] for row in job.rows(cube)]
    assert found == ["After", "Before", "Homepage", "Pricing"]
    build_models(job.settings, run_id="whole", full_refresh=True)
    assert published_tables(publish(job.settings).path) == changed
    assert job.rows("select distinct whole_by from raw.fingerprints where node like 'model.%'") == [
        {"whole_by": "whole"}
    ]
