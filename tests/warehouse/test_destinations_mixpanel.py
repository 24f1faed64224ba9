"""What Mixpanel holds against an independent oracle, and the statements of its documentation."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jobs.ingest.run import ingest
from tests.warehouse.landings import landings
from tests.warehouse.nights import build_tables, make_worlds, published, write_settings
from tests.warehouse.oracle.compare import assert_same_rows
from tests.warehouse.oracle.entries import Trigger
from tests.warehouse.oracle.mixpanel import MixpanelTables
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.oracle.settings import Destination, Mixpanel, MixpanelMapping
from tests.warehouse.world_mixpanel import retell_for_mixpanel
from tests.warehouse.worlds import write_landing

SEED = 20_261_130
WORLDS = 40
KEYS = {
    "mixpanel_events": ["message_id", "mapping", "insert_id"],
    "mixpanel_profiles": ["distinct_id", "property"],
    "mixpanel_groups": ["group_key", "group_id", "property"],
    "mixpanel_identities": ["message_id"],
}
MAPPINGS = (
    MixpanelMapping(
        Trigger(event="Signed Up"),
        event_name="{event}",
        properties={
            "Segment Message ID": "$.messageId", "id": "$.userId", "fixed": "=yes",
            "sent as": "$.event", "nested": "$.properties.products",
        },
    ),
    MixpanelMapping(Trigger(event="Order Completed"), name="orders", event_name="Sale {{event}}"),
    MixpanelMapping(Trigger(event="Order Completed"), name="off", enabled=False),
    MixpanelMapping(Trigger(event="Order Completed"), name="again", event_name="Sale {event}"),
    MixpanelMapping(Trigger(type="identify"), event_name="Identified"),
    MixpanelMapping(Trigger(type="page"), name="unnamed", event_name="{name}"),
    MixpanelMapping(Trigger(type="alias"), action="alias"),
)  # fmt: skip


@dataclass
class Run:
    """What the warehouse made of the worlds, and what it should have made."""

    warehouse: Path
    oracle: Oracle
    tables: MixpanelTables

    def rows(self, table: str) -> list[dict[str, Any]]:
        return published(self.warehouse, f"from {table}")


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((1, Mixpanel()), id="defaults"),
        pytest.param(
            (
                3,
                Mixpanel(
                    group_key="company_id", people=False, page_event="Loaded a Page",
                    mappings=MAPPINGS, explode_products=False, super_properties="traits",
                    identity_merge="original", mp_lib_prefix="Segment Actions: ",
                ),
            ),
            id="original",
        ),
        pytest.param(
            (
                3,
                Mixpanel(
                    group_key="company_id", page_event="{name}", mappings=MAPPINGS[:2],
                    super_properties=("company_id", "plan"),
                ),
            ),
            id="listed",
        ),
    ],
)  # fmt: skip
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Worlds under one setting, of one night or of three built upon each other."""
    nights, mixpanel = request.param
    messages, settings = make_worlds(
        SEED, WORLDS, destinations={"mixpanel": Destination(mixpanel=mixpanel)}
    )
    messages = retell_for_mixpanel(Random(SEED), messages)
    folder = tmp_path_factory.mktemp("mixpanel")
    job = write_settings(folder, settings)
    landed = messages
    for landed in landings(Random(SEED), messages, nights) if nights > 1 else [messages]:
        shutil.rmtree(folder / "landing", ignore_errors=True)
        write_landing(landed, folder / "landing")
        ingest(job, prune=True)
        build_tables(job, *KEYS, "rpt_delivery")
    oracle = Oracle(landed, settings, datetime(2026, 12, 1))
    return Run(job.warehouse, oracle, MixpanelTables(oracle.winners, settings))


def test_mixpanel_worlds_events(run: Run) -> None:
    expected = run.tables.mixpanel_events
    rows = run.rows("mixpanel_events")
    for row in rows:
        text = row["properties"]
        row["properties"] = json.loads(text)
        assert list(row["properties"]) == sorted(row["properties"]), text
    assert_same_rows(expected, rows, keys=KEYS["mixpanel_events"])
    reasons = {row["invalid_reason"] for row in expected}
    assert reasons >= {
        None, "time_out_of_range", "placeholder_distinct_id", "insert_id_invalid",
        "too_many_properties", "name_too_long",
    }  # fmt: skip
    assert any(row["group_ids"] for row in expected)
    is_mapped = bool(run.tables.mixpanel.mappings)
    assert ("duplicate" in reasons) == is_mapped
    if run.tables.mixpanel.super_properties != "off":
        assert any(run.tables._stamps().values())


@pytest.mark.parametrize("table", ["mixpanel_profiles", "mixpanel_groups", "mixpanel_identities"])
def test_mixpanel_worlds_profiles_groups_and_identities(run: Run, table: str) -> None:
    expected = getattr(run.tables, table)
    rows = run.rows(table)
    for row in rows:
        if "value" in row:
            row["value"] = json.loads(row["value"])
    assert bool(expected) == (table != "mixpanel_profiles" or run.tables.mixpanel.people)
    assert_same_rows(expected, rows, keys=KEYS[table])


def test_mixpanel_worlds_deliveries(run: Run) -> None:
    expected = [row for row in run.oracle.rpt_delivery if row["destination"] == "mixpanel"]
    reasons = {row["reason"] for row in expected}
    assert reasons >= {"event_name_missing", "traits_missing", "nothing_to_send"}
    if any(mapping.action == "alias" for mapping in run.tables.mixpanel.mappings):
        assert "no_trigger_match" not in reasons  # every alias matches
    assert_same_rows(
        [{key: row[key] for key in ("message_id", "outcome", "reason")} for row in expected],
        [row for row in run.rows("rpt_delivery") if row["destination"] == "mixpanel"],
        keys=["message_id"],
    )
