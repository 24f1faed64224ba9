"""Whom other people's messages concern: each is computed again though no message of theirs came."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from jobs.build.run import build_models
from jobs.config import Settings, load_settings
from jobs.ingest.run import ingest
from tests.warehouse.keys import rows_against_their_key
from tests.warehouse.nights import published
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.worlds import write_landing

CONTACTS = "crm/contacts.parquet"
LIFT_YML = {
    "landing": "landing",
    "sources": {"web": {"kind": "website"}},
    "exposures": [
        {"adapter": "mutiny"},
        {"adapter": "segment_experiment", "unit": "anonymous_id"},
    ],
    "conversions": [
        {"name": "signup", "trigger": 'type = "track" and event = "Signed Up"', "main": True},
        {
            "name": "order",
            "trigger": 'type = "track" and event = "Ordered"',
            "distinct_by": "properties.order_id",
        },
    ],
    "crm": {"contacts": CONTACTS, "fields": {"contact": ["Industry"]}},
    "segments": [
        {"name": "on_pro", "all": [{"account": "plan", "value": "pro"}]},
        {"name": "in_finance", "all": [{"contact": "Industry", "value": "Finance"}]},
    ],
}
VIEW = {"experience": "Homepage", "audienceSegment": "SMB", "personalized": True}
EXPERIMENT = {"experiment_name": "Price", "variation_name": "High"}


def _track(hour: int, event: str, user: str, **fields: Any) -> dict[str, Any]:
    return {"type": "track", "event": event, "userId": user, "hour": hour, **fields}


FIRST = [
    _track(1, "Mutiny Experience Viewed", "ann", properties=VIEW),
    _track(5, "Ordered", "ann", properties={"order_id": "o1"}),
    {"type": "page", "userId": "carl", "hour": 1, "context": {"groupId": "acme"}},
    {"type": "group", "userId": "dora", "hour": 2, "groupId": "acme", "traits": {"plan": "free"}},
    {"type": "identify", "userId": "eve", "hour": 1, "traits": {"email": "Eve@X.com"}},
    _track(3, "Experiment Viewed", "gina", anonymousId="g1", properties=EXPERIMENT),
    _track(6, "Signed Up", "gina"),
]
SECOND = [
    # The same order, earlier.
    _track(3, "Ordered", "bob", properties={"order_id": "o1"}),
    {"type": "group", "userId": "dora", "hour": 4, "groupId": "acme", "traits": {"plan": "pro"}},
    # She was on another device first.
    _track(2, "Experiment Viewed", "gina", anonymousId="g2", properties=EXPERIMENT),
]


def _messages(payloads: Iterable[dict[str, Any]], file: str) -> list[RawMessage]:
    messages = []
    for row, payload in enumerate(payloads, start=1):
        fields = dict(payload)
        at = f"2026-05-01T{fields.pop('hour'):02}:00:00Z"
        fields |= {"messageId": f"{file}-{row}", "timestamp": at, "receivedAt": at}
        messages.append(RawMessage("web", file, row, fields))
    return messages


def _night(folder: Path, messages: list[RawMessage], industry: str) -> Settings:
    (folder / "lift.yml").write_text(yaml.safe_dump(LIFT_YML))
    (folder / CONTACTS).parent.mkdir(exist_ok=True)
    contact = {"Id": ["c1"], "Email": ["eve@x.com"], "Industry": [industry]}
    pl.DataFrame(contact).write_parquet(folder / CONTACTS)
    write_landing(messages, folder / "landing")
    settings = load_settings(folder / "lift.yml")
    ingest(settings)
    build_models(settings)
    return settings


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("affected")
    first, second = _messages(FIRST, "first"), _messages(SECOND, "second")
    warehouse = _night(folder, first, "SaaS").warehouse
    assert _members(warehouse, "on_pro") == _members(warehouse, "in_finance") == set()
    assert _outcomes(warehouse, "order") == {"user_id:ann": 1, "g1": 0}
    assert _outcomes(warehouse, "signup") == {"user_id:ann": 0, "g1": 1}
    return _night(folder, first + second, "Finance").warehouse


def _members(warehouse: Path, segment: str) -> set[str]:
    rows = published(
        warehouse,
        f"select person_id from fct_user_segment_memberships where user_segment = '{segment}'",
    )
    return {str(row["person_id"]) for row in rows}


def _outcomes(warehouse: Path, conversion: str) -> dict[str, int]:
    rows = published(
        warehouse,
        "select unit_id, conversions from intermediate.int_unit_outcomes"
        f" where audience_segment = '(all)' and conversion = '{conversion}'",
    )
    return {str(row["unit_id"]): int(row["conversions"]) for row in rows}


def test_affected_is_who_shares_a_conversion_with_somebody_elses_message(warehouse: Path) -> None:
    assert _outcomes(warehouse, "order")["user_id:ann"] == 0


def test_affected_is_who_belongs_to_an_account_whose_trait_changed(warehouse: Path) -> None:
    assert _members(warehouse, "on_pro") == {"user_id:carl", "user_id:dora"}


def test_affected_is_whose_record_of_the_crm_changed(warehouse: Path) -> None:
    assert _members(warehouse, "in_finance") == {"user_id:eve"}


def test_affected_is_the_unit_that_a_conversion_of_its_person_no_longer_counts_for(
    warehouse: Path,
) -> None:
    assert _outcomes(warehouse, "signup") == {"user_id:ann": 0, "g1": 0, "g2": 1}


def test_affected_or_not_every_row_has_its_own_key(warehouse: Path) -> None:
    assert rows_against_their_key(warehouse) == []
