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


def _seen(vendor: str, unit: str) -> dict[str, Any]:
    """An entry of `exposures:` of a vendor and type of unit."""
    return {
        "adapter": "custom", "vendor": vendor, "unit": unit, "variant": "properties.v",
        "trigger": f'event = "{vendor} seen"', "experience": "properties.experience",
    }  # fmt: skip


LIFT_YML = {
    "landing": "landing",
    "sources": {"web": {"kind": "website"}},
    "exposures": [
        {"adapter": "mutiny"},
        {"adapter": "segment_experiment", "unit": "anonymous_id", "control_variants": ["control"]},
        _seen("users", "user_id"),
        _seen("accounts", "account"),
        _seen("either", "user_id"),
        _seen("either", "anonymous_id"),
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
COLOUR = {"experiment_name": "Colour", "variation_name": "Blue"}
PAGE = {"experience": "Page", "v": "b"}


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
    {
        **_track(1, "Mutiny Experience Viewed", "", properties=VIEW),
        "userId": None,
        "anonymousId": "h1",
    },
    _track(1, "Experiment Viewed", "ivy", anonymousId="i1", properties=COLOUR),
    _track(1, "users seen", "nell", properties=PAGE),
    _track(1, "accounts seen", "olga", groupId="umbrella", properties=PAGE),
    {"type": "identify", "userId": "quin", "anonymousId": "q1", "hour": 1},
    {**_track(2, "either seen", "", properties=PAGE), "userId": None, "anonymousId": "q1"},
]
# A file that the second night rewrites: a message comes from another device, and another message
# no longer signs up.
MENDED = [
    _track(1, "Experiment Viewed", "lee", anonymousId="k1", properties=EXPERIMENT),
    _track(1, "Mutiny Experience Viewed", "moe", properties=VIEW),
    _track(2, "Signed Up", "moe"),
]
MENDING = [{"anonymousId": "k2"}, {}, {"event": "Left"}]
SECOND = [
    # The same order, earlier.
    _track(3, "Ordered", "bob", properties={"order_id": "o1"}),
    {"type": "group", "userId": "dora", "hour": 4, "groupId": "acme", "traits": {"plan": "pro"}},
    # She was on another device first.
    _track(2, "Experiment Viewed", "gina", anonymousId="g2", properties=EXPERIMENT),
    {"type": "identify", "userId": "hal", "anonymousId": "h1", "hour": 9},
    # Of the variant that ivy saw, this view says that it is control.
    _track(
        2,
        "Experiment Viewed",
        "jo",
        anonymousId="j1",
        properties=COLOUR | {"variation_id": "control"},
    ),
    *(_track(9, "Signed Up", user) for user in ("nell", "quin")),
    _track(9, "Signed Up", "olga", groupId="umbrella"),
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
    mended = [one | other for one, other in zip(MENDED, MENDING, strict=True)]
    warehouse = _night(folder, first + _messages(MENDED, "mended"), "SaaS").warehouse
    assert _members(warehouse, "on_pro") == _members(warehouse, "in_finance") == set()
    assert _outcomes(warehouse, "order", "mutiny")["user_id:ann"] == 1
    assert _outcomes(warehouse, "signup", "mutiny")["user_id:moe"] == 1
    assert _outcomes(warehouse, "signup", "segment_experiment") == {"g1": 1, "i1": 0, "k1": 0}
    return _night(folder, first + _messages(mended, "mended") + second, "Finance").warehouse


def _members(warehouse: Path, segment: str) -> set[str]:
    rows = published(
        warehouse,
        f"select person_id from fct_user_segment_memberships where user_segment = '{segment}'",
    )
    return {str(row["person_id"]) for row in rows}


def _outcomes(warehouse: Path, conversion: str, vendor: str) -> dict[str, int]:
    rows = published(
        warehouse,
        "select unit_id, conversions from intermediate.int_unit_outcomes where vendor ="
        f" '{vendor}' and conversion = '{conversion}' and audience_segment = '(all)'",
    )
    return {str(row["unit_id"]): int(row["conversions"]) for row in rows}


def test_affected_is_who_shares_a_conversion_with_somebody_elses_message(warehouse: Path) -> None:
    assert _outcomes(warehouse, "order", "mutiny")["user_id:ann"] == 0


def test_affected_is_who_belongs_to_an_account_whose_trait_changed(warehouse: Path) -> None:
    assert _members(warehouse, "on_pro") == {"user_id:carl", "user_id:dora"}


def test_affected_is_whose_record_of_the_crm_changed(warehouse: Path) -> None:
    assert _members(warehouse, "in_finance") == {"user_id:eve"}


def test_affected_is_who_a_message_belonged_to_before(warehouse: Path) -> None:
    seen = published(warehouse, "select person_id from intermediate.int_person_activity")
    assert {"person_id": "user_id:hal"} in seen
    assert {"person_id": "anonymous_id:h1"} not in seen


def test_affected_is_whose_message_says_something_else_now(warehouse: Path) -> None:
    assert _outcomes(warehouse, "signup", "mutiny") == {
        "user_id:ann": 0, "user_id:hal": 0, "user_id:moe": 0
    }  # fmt: skip


def test_affected_is_who_saw_a_variant_whose_arm_changed(warehouse: Path) -> None:
    arms = published(
        warehouse,
        "select unit_id, arm from intermediate.int_assignment_intervals"
        " where experience = 'Colour' and audience_segment = '(all)' order by unit_id",
    )
    assert arms == [{"unit_id": unit, "arm": "control"} for unit in ("i1", "j1")]


def test_affected_is_every_unit_that_messages_of_a_person_carry_or_carried(warehouse: Path) -> None:
    """By a conversion that no longer counts for a unit, and a message that carries another one."""
    assert _outcomes(warehouse, "signup", "segment_experiment") == {
        "g1": 0, "g2": 1, "i1": 0, "j1": 0, "k2": 0
    }  # fmt: skip


@pytest.mark.parametrize(
    ("vendor", "unit"),
    [("users", "nell"), ("accounts", "umbrella"), ("either", "anonymous_id:q1")],
)
def test_affected_is_the_unit_of_each_type_of_a_vendor(
    warehouse: Path, vendor: str, unit: str
) -> None:
    assert _outcomes(warehouse, "signup", vendor) == {unit: 1}


def test_affected_or_not_every_row_has_its_own_key(warehouse: Path) -> None:
    assert rows_against_their_key(warehouse) == []
