"""What Split holds of single messages, row by row of its documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jobs.config import load_settings
from jobs.ingest.run import ingest
from tests.warehouse.nights import build_tables, published

TABLES = ("split_events", "split_attributes", "split_impressions", "int_split_findings")
SOURCES = """
landing: landing
sources:
  web: {destinations: [split]}
  flags: {kind: flags, environment: prod}
  flags_eu: {kind: flags, environment: eu}
exposures: [{adapter: split}]
"""
AS_IT_COMES = SOURCES + "destinations: {split: {value: properties.revenue}}"
OTHERWISE = (
    SOURCES
    + """
destinations:
  split:
    unit: {user_id: anonymous, anonymous_id: user}
    event_type_id: properties.eventName
    value: properties.revenue
    coerce_numeric_strings: true
    screen_name: "view_{name}_screen"
    flatten_traits: true
"""
)
LONG, LONGEST = "x" * 300, "y" * 255
Row = dict[str, Any]


def _track(
    message_id: str, event: str | None = "Clicked", source: str = "web", **fields: Any
) -> Row:
    return _call(message_id, "track", event=event, source=source, **fields)


def _call(message_id: str, call: str, source: str = "web", **fields: Any) -> Row:
    return {
        "source": source,
        "messageId": message_id,
        "type": call,
        "event": fields.get("event"),
        "name": fields.get("name"),
        "userId": fields.get("user", "u1"),
        "anonymousId": fields.get("device"),
        "groupId": fields.get("group"),
        "timestamp": f"2026-05-01T10:{fields.get('minute', 0):02}:00.000Z",
        "receivedAt": "2026-05-01T12:00:00.000Z",
        "properties": json.dumps(fields.get("properties", {})),
        "traits": json.dumps(fields.get("traits", {})),
    }


def _treated(message_id: str, source: str = "flags", **fields: Any) -> Row:
    properties = {
        "split": "f1", "treatment": "on", "environmentName": "prod", "label": "default rule",
        **fields.pop("properties", {}),
    }  # fmt: skip
    return _track(message_id, "get_treatment", source, properties=properties, **fields)


MESSAGES = [
    _treated("seen"),
    _treated("seen by device", user=None, device="a1"),
    _treated("seen in staging", properties={"environmentName": "staging"}),
    _treated("seen in eu", "flags_eu", properties={"environmentName": "eu"}),
    _treated("not ready", properties={"treatment": "control"}),
    _treated("no treatment", properties={"treatment": None}),
    _call("aliased", "alias", user="u1"),
    _track("both", device="a1"),
    _track("checkout", properties={"eventName": "checkout"}),
    _track("ten", properties={"revenue": 10}, user="buyer"),
    _track("twenty", properties={"revenue": 20}, user="buyer"),
    _track("fraction", properties={"revenue": 12.5, "eventName": "order"}),
    _track("text", properties={"revenue": "12.5", "eventName": "order"}),
    _track("words", properties={"revenue": "abc", "eventName": "order"}),
    _call("page", "page", name="signup"),
    _call("page without name", "page"),
    _call("screen", "screen", name="signup"),
    _call("page with space", "page", name="Sign Up"),
    _call("identified", "identify", traits={"plan": "pro"}),
    _call("grouped", "group", group="c1", traits={"plan": "x"}),
    _track("of an account", device="a1", properties={"split": [{"account": "A"}]}),
    _track("of none later", device="a1", minute=1),
    _track("of an unknown type", properties={"split": [{"foo": 1}]}),
    _call("regrouped", "group", group="B", traits={"split": {"account": "A"}, "tier": "gold"}),
    _track("spaced", "sample event"),
    _track("unnamed", None),
    _track("too odd", "Größe"),
    _call("nested", "identify", user="u2", traits={"company": {"name": "X"}}),
    _call("long", "identify", user="u3", traits={"long": LONG, "short": LONGEST}),
    _call("written", "identify", user="u4", traits={"plan": "pro", "seats": 2}),
    _call("removed", "identify", user="u4", minute=1, traits={"plan": None, "seats": 3}),
    _call("written late", "identify", user="u4", minute=0, traits={"seats": 1, "city": "Bern"}),
    _call("says nothing", "identify", user="u4", minute=2, traits={"seats": None}),
]


def _built(folder: Path, settings: str) -> Path:
    messages = pl.DataFrame(MESSAGES)
    for (source,), rows in messages.group_by("source"):
        (folder / "landing" / str(source)).mkdir(parents=True)
        rows.drop("source").write_parquet(folder / "landing" / str(source) / "part.parquet")
    (folder / "lift.yml").write_text(settings)
    job = load_settings(folder / "lift.yml")
    ingest(job)
    build_tables(job, *TABLES)
    return job.warehouse


@pytest.fixture(scope="module")
def as_it_comes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built(tmp_path_factory.mktemp("split"), AS_IT_COMES)


@pytest.fixture(scope="module")
def otherwise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built(tmp_path_factory.mktemp("split"), OTHERWISE)


def _events(path: Path, message_id: str) -> set[tuple[Any, ...]]:
    """Traffic type, key, event type and value of what one message became."""
    rows = published(path, f"from split_events where message_id = '{message_id}'")
    return {(row["traffic_type"], row["key"], row["event_type_id"], row["value"]) for row in rows}


def _attributes(path: Path, message_id: str) -> set[tuple[Any, ...]]:
    """Traffic type, key, attribute and value that one message wrote and that are left."""
    rows = published(path, f"from split_attributes where message_id = '{message_id}'")
    return {(row["traffic_type"], row["key"], row["attribute"], row["value"]) for row in rows}


def _impression(path: Path, message_id: str) -> Row:
    [row] = published(path, f"from split_impressions where message_id = '{message_id}'")
    return row


def _reason(path: Path, message_id: str) -> str | None:
    [row] = published(
        path, f"from intermediate.int_split_deliveries where message_id = '{message_id}'"
    )
    reason: str | None = row["drop_reason"]
    return reason


def test_p01_get_treatment_is_an_impression(as_it_comes: Path) -> None:
    row = _impression(as_it_comes, "seen")
    assert (row["split"], row["treatment"], row["environment"]) == ("f1", "on", "prod")
    assert (row["label"], row["key"], row["excluded_reason"]) == ("default rule", "u1", None)
    assert _impression(as_it_comes, "not ready")["excluded_reason"] == "control_treatment"
    assert _impression(as_it_comes, "no treatment")["excluded_reason"] == "incomplete"


def test_p02_an_impression_of_another_environment_is_excluded(as_it_comes: Path) -> None:
    assert _impression(as_it_comes, "seen in staging")["excluded_reason"] == "wrong_environment"


def test_p03_an_impression_has_the_traffic_type_of_its_identifier(
    as_it_comes: Path, otherwise: Path
) -> None:
    seen = {name: _impression(as_it_comes, name) for name in ("seen", "seen by device")}
    assert (seen["seen"]["traffic_type"], seen["seen"]["key"]) == ("user", "u1")
    of_device = seen["seen by device"]
    assert (of_device["traffic_type"], of_device["key"]) == ("anonymous", "a1")
    assert _impression(otherwise, "seen by device")["traffic_type"] == "user"


def test_p04_impressions_of_several_environments_come_from_a_source_each(as_it_comes: Path) -> None:
    assert _impression(as_it_comes, "seen")["excluded_reason"] is None
    assert _impression(as_it_comes, "seen in eu")["excluded_reason"] is None


def test_p06_an_alias_is_not_supported(as_it_comes: Path) -> None:
    assert _reason(as_it_comes, "aliased") == "unsupported_type"
    calls = {row["call"] for row in published(as_it_comes, "from split_events")}
    assert calls == {"track", "page", "screen"}


def test_p07_a_call_with_both_ids_is_an_event_of_each(as_it_comes: Path) -> None:
    assert _events(as_it_comes, "both") == {
        ("user", "u1", "Clicked", None), ("anonymous", "a1", "Clicked", None),
    }  # fmt: skip


def test_p08_identifiers_map_to_the_traffic_types_of_the_settings(otherwise: Path) -> None:
    assert _events(otherwise, "checkout") == {("anonymous", "u1", "checkout", None)}


def test_p11_event_type_id_is_a_path(as_it_comes: Path, otherwise: Path) -> None:
    assert _events(as_it_comes, "checkout") == {("user", "u1", "Clicked", None)}
    assert {row[2] for row in _events(otherwise, "checkout")} == {"checkout"}
    assert _reason(otherwise, "both") == "event_type_id_missing"


def test_p12_values_add_up(as_it_comes: Path) -> None:
    [row] = published(
        as_it_comes,
        "select sum(value) as total, avg(value) as mean from split_events where key = 'buyer'",
    )
    assert row == {"total": 30, "mean": 15}


def test_p13_a_named_page_is_view_name_page(as_it_comes: Path) -> None:
    assert _events(as_it_comes, "page") == {("user", "u1", "view_signup_page", None)}
    assert _reason(as_it_comes, "page without name") == "unnamed_page"


def test_p14_a_named_screen_is_what_the_settings_call_it(
    as_it_comes: Path, otherwise: Path
) -> None:
    assert {row[2] for row in _events(as_it_comes, "screen")} == {"viewed_signup_screen"}
    assert {row[2] for row in _events(otherwise, "screen")} == {"view_signup_screen"}


def test_p15_traits_of_identify_are_attributes(as_it_comes: Path) -> None:
    assert _attributes(as_it_comes, "identified") == {("user", "u1", "plan", "pro")}


def test_p15_the_last_call_wins_and_null_removes(as_it_comes: Path) -> None:
    left = published(as_it_comes, "from split_attributes where key = 'u4'")
    assert {row["attribute"]: (row["value"], row["message_id"]) for row in left} == {
        "city": ("Bern", "written late"), "seats": ("3", "removed"),
    }  # fmt: skip
    assert _reason(as_it_comes, "says nothing") == "nothing_to_send"


def test_p16_a_track_call_is_an_event(as_it_comes: Path) -> None:
    [row] = published(as_it_comes, "from split_events where message_id = 'fraction'")
    assert row.pop("occurred_at").isoformat() == "2026-05-01T10:00:00"
    assert row == {
        "message_id": "fraction", "traffic_type": "user", "key": "u1", "event_type_id": "Clicked",
        "value": 12.5, "call": "track", "properties": '{"eventName":"order","revenue":12.5}',
    }  # fmt: skip


def test_p17_traits_of_a_group_are_attributes_of_the_account(as_it_comes: Path) -> None:
    assert _attributes(as_it_comes, "grouped") == {("account", "c1", "plan", "x")}


def test_p18_properties_split_adds_an_event_of_each_traffic_type(as_it_comes: Path) -> None:
    assert {row[:2] for row in _events(as_it_comes, "of an account")} == {
        ("user", "u1"), ("anonymous", "a1"), ("account", "A"),
    }  # fmt: skip
    rows = published(as_it_comes, "from split_events where message_id = 'of an account'")
    assert {row["properties"] for row in rows} == {"{}"}


def test_p19_properties_split_holds_for_its_event_alone(as_it_comes: Path) -> None:
    assert {row[0] for row in _events(as_it_comes, "of none later")} == {"user", "anonymous"}


def test_p20_an_unknown_traffic_type_is_a_finding(as_it_comes: Path) -> None:
    assert {row[:2] for row in _events(as_it_comes, "of an unknown type")} == {("user", "u1")}
    [finding] = published(as_it_comes, "from intermediate.int_split_findings")
    assert finding["check_name"] == "unknown_traffic_type"
    assert (finding["subject"], finding["finding_count"]) == ("foo", 1)


def test_p21_p22_traits_split_replaces_the_group_id_and_is_no_attribute(as_it_comes: Path) -> None:
    assert _attributes(as_it_comes, "regrouped") == {("account", "A", "tier", "gold")}


def test_p23_spaces_become_underscores(as_it_comes: Path) -> None:
    assert {row[2] for row in _events(as_it_comes, "spaced")} == {"sample_event"}
    assert {row[2] for row in _events(as_it_comes, "page with space")} == {"view_Sign_Up_page"}


def test_p24_an_event_without_a_valid_name_is_dropped(as_it_comes: Path) -> None:
    assert _reason(as_it_comes, "unnamed") == "event_type_id_missing"
    assert _reason(as_it_comes, "too odd") == "event_type_id_invalid"
    assert _events(as_it_comes, "unnamed") | _events(as_it_comes, "too odd") == set()


def test_p25_a_value_that_is_not_a_number_is_null(as_it_comes: Path, otherwise: Path) -> None:
    values = {
        name: [value for *_, value in _events(path, name)]
        for name in ("fraction", "text", "words")
        for path in [as_it_comes]
    }
    assert values == {"fraction": [12.5], "text": [None], "words": [None]}
    assert [value for *_, value in _events(otherwise, "text")] == [12.5]
    assert [value for *_, value in _events(otherwise, "words")] == [None]


def test_p26_an_object_is_one_attribute_of_json_text(as_it_comes: Path) -> None:
    assert _attributes(as_it_comes, "nested") == {("user", "u2", "company", '{"name":"X"}')}


def test_p27_flatten_traits_adds_the_members(otherwise: Path) -> None:
    assert _attributes(otherwise, "nested") == {
        ("anonymous", "u2", "company", '{"name":"X"}'), ("anonymous", "u2", "company.name", "X"),
    }  # fmt: skip


def test_p28_a_value_is_cut_to_255_characters(as_it_comes: Path) -> None:
    rows = published(as_it_comes, "from split_attributes where message_id = 'long'")
    assert {row["attribute"]: (row["value"], row["is_truncated"]) for row in rows} == {
        "long": (LONG[:255], True), "short": (LONGEST, False),
    }  # fmt: skip
    [staged] = published(
        as_it_comes, "select traits from staging.stg_segment__messages where message_id = 'long'"
    )
    assert json.loads(staged["traits"])["long"] == LONG
