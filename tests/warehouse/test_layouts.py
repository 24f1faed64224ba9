"""One company exported in every layout: raw files, a bucket of logs, a data lake."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.config import Settings, load_settings
from jobs.demo import write_demo
from jobs.demo.simulate import SOURCE_IDS
from jobs.doctor.run import examine
from jobs.ingest.run import ingest
from jobs.nightly.run import nightly
from tests.s3_server import s3_server
from tests.warehouse.keys import rows_against_their_key
from tests.warehouse.nights import published, published_tables

VISITORS = 500
# What a table says of files, and of what flattening has done to objects and names.
FLATTENED = {
    "fct_events": "properties, traits, context, integrations, event_name, original_event_name",
    "rpt_conversion_catalog": "event_name",
    "dim_accounts": "traits",
    "rpt_delivery_summary": "event_name, surrogate_key",
    "abmatic_events": "properties",
    "split_events": "properties, event_type_id",
}
# One trait that is an object is several in a lake, each under another key; the products of an order
# are text there, and an event that nobody names has the name of its path.
UNLIKE = {
    "fct_trait_changes", "dim_person_traits", "rpt_trait_catalog", "rpt_trait_tokens",
    "split_attributes", "mixpanel_profiles", "mixpanel_groups", "mixpanel_events",
    "rpt_event_volume",
}  # fmt: skip
ABOUT_FLATTENING = {"source_flattened", "event_name_from_path"}


def _demo(folder: Path, layout: str, landing: str | None = None) -> Settings:
    write_demo(folder, visitors=VISITORS, layout=layout)
    settings = load_settings(folder / "lift.yml")
    return settings.model_copy(update={"landing": landing}) if landing else settings


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return nightly(_demo(tmp_path_factory.mktemp("raw"), "raw")).publication


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """The night over a bucket of logs, and what a second one asked of the server."""
    folder = tmp_path_factory.mktemp("s3")
    settings = _demo(folder, "s3", "s3://exports/company")
    landing = folder / "landing"
    with s3_server() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        server.put_all(
            "exports",
            {
                f"company/{path.relative_to(landing).as_posix()}": path.read_bytes()
                for path in landing.rglob("*")
                if path.is_file()
            },
        )
        publication = nightly(settings).publication
        server.reset()
        ingest(settings)
        return publication, server.counts()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = _demo(tmp_path_factory.mktemp("lake"), "data-lakes")
    nightly(settings)
    return settings


def test_layouts_raw_files_and_a_bucket_of_logs_publish_the_same_rows(
    raw: Path, bucket: tuple[Path, dict[str, int]]
) -> None:
    assert published_tables(bucket[0]) == published_tables(raw)


def test_layouts_a_night_over_an_unchanged_bucket_lists_it_and_gets_nothing(
    bucket: tuple[Path, dict[str, int]],
) -> None:
    assert bucket[1] == {"list": 1}


def test_layouts_a_data_lake_gives_the_same_identities_exposures_and_lift(
    raw: Path, lake: Settings
) -> None:
    found, expected = (
        published_tables(path, without=FLATTENED) for path in (_publication(lake), raw)
    )
    findings = found.pop("dq_findings")
    assert not found.pop("rpt_schema_drift")  # a column has one type
    for name in UNLIKE:
        assert found.pop(name)
    compared = expected.keys() - UNLIKE - {"dq_findings", "rpt_schema_drift"}
    assert found == {name: expected[name] for name in compared}
    assert any("source_flattened" in row for row in findings)


def test_layouts_a_data_lake_keeps_the_keys_that_are_configured_and_spells_events(
    lake: Settings,
) -> None:
    rows: list[dict[str, Any]] = published(
        _publication(lake),
        "select event_name, properties from fct_events"
        " where event_name in ('Mutiny Experience Viewed', 'Order Completed', 'invoice_paid')",
    )
    keys = {row["event_name"]: set(json.loads(row["properties"])) for row in rows}
    assert "audienceSegment" in keys["Mutiny Experience Viewed"]
    assert "audience_segment" not in keys["Mutiny Experience Viewed"]
    assert "order_id" in keys["Order Completed"]  # from its path: this source lands no names
    assert "invoice_id" in keys["invoice_paid"]  # nobody names it


def test_layouts_a_data_lake_gives_each_row_a_key_of_its_own(lake: Settings) -> None:
    assert rows_against_their_key(lake.warehouse) == []


def test_layouts_the_doctor_names_the_sources_that_flattening_has_cost_something(
    lake: Settings,
) -> None:
    named = {
        (finding.check, finding.subject)
        for finding in examine(lake)[1]
        if finding.check in ABOUT_FLATTENING
    }
    assert named == {
        ("event_name_from_path", "invoice_paid"),
        *(("source_flattened", source) for source in SOURCE_IDS),
    }


def _publication(settings: Settings) -> Path:
    return settings.publish / "lift.duckdb"
