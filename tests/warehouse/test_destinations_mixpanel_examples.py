"""The statements of Mixpanel's documentation about Segment, each with its example."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs.ingest.run import ingest
from tests.warehouse.nights import build_tables, published, write_settings
from tests.warehouse.oracle.entries import Trigger
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.settings import (
    Destination,
    Mixpanel,
    MixpanelMapping,
    OracleSettings,
    Source,
)
from tests.warehouse.worlds import write_landing

Row = dict[str, Any]
Read = Callable[..., list[Row]]

TABLES = ("mixpanel_events", "mixpanel_profiles", "mixpanel_groups", "mixpanel_identities")
ORDER = {"order_id": "o1", "revenue": 30, "products": [{"sku": "a", "custom": "xyz"}, {"sku": "b"}]}
IOS = {"library": {"name": "analytics-ios", "version": "1"}}


def call(number: int, kind: str, user: str | None, device: str | None, **fields: Any) -> RawMessage:
    """A message with the id m<number>, received in the order of the numbers."""
    source = fields.pop("source", "web")
    payload = {
        "messageId": f"m{number}", "type": kind, "userId": user, "anonymousId": device,
        "timestamp": f"2026-05-01T10:{number:02}:00.449Z",
        "receivedAt": f"2026-05-01T10:{number:02}:01.000Z", **fields,
    }  # fmt: skip
    return RawMessage(source, "part", number, payload)


MESSAGES = [
    call(1, "track", None, "a1", event="Foo", context={"library": {"name": "analytics.js"}}),
    call(2, "identify", "u1", "a1", traits={"plan": "a", "email": "u1@x.example"}),
    call(3, "identify", "u1", None, traits={"plan": "b"}),
    call(4, "identify", "u2", "a2", traits={}),
    call(5, "track", "u1", "a1", event="Order Completed", properties=ORDER),
    call(6, "track", "u1", None, event="order completed"),
    call(7, "screen", "u1", None, name="Home"),
    call(8, "page", "u1", None, name="signup"),
    call(9, "page", "u1", None),
    call(10, "group", "u1", None, groupId="c1", traits={"name": "Acme", "size": 1}),
    call(11, "group", "u1", None, groupId="c1", traits={"size": 2, "company_id": "c9"}),
    call(12, "group", "u1", None, groupId="c1", traits={}),
    call(13, "track", "u1", None, event="Foo", properties={"id": 5, "company_id": "c1"}),
    call(14, "track", "u1", None, event="Foo", properties={"platform": "android", "b": 1}),
    call(15, "track", "u1", None, event="Foo", properties={"platform": "Android"}),
    call(16, "identify", None, "a5", traits={"company_id": "c5"}),
    call(17, "track", None, "a5", event="Foo", context=IOS),
    call(18, "track", None, "a5", event="Foo", context={"library": {"name": "web"}}),
    call(19, "track", "u1", None, event="Foo", source="backend"),
    call(20, "track", "u1", None, event="Foo"),
    call(20, "track", "u1", None, event="Foo"),
    call(21, "alias", "u1", None, previousId="a9"),
    call(22, "track", None, "a9", event="Foo", context={"groupId": "g1"}),
    call(23, "group", None, None, groupId="c2", traits={"name": "B"}),
    call(24, "track", "u1", None, event=None),
    call(25, "page", None, "a7", name="a"),
    call(26, "page", None, "a7", name="b"),
]
CONFIGURED = Mixpanel(
    group_key="company_id",
    people=False,
    page_event="Loaded a Page",
    explode_products=False,
    super_properties="traits",
    identity_merge="original",
    mp_lib_prefix="Segment Actions: ",
    mappings=(
        MixpanelMapping(
            Trigger(event="Foo"), event_name="Mapped {event}",
            properties={"Segment Message ID": "$.messageId"},
        ),
        MixpanelMapping(Trigger(event="Foo"), name="off", enabled=False),
        MixpanelMapping(Trigger(type="alias"), name="aliases", action="alias"),
    ),
)  # fmt: skip


def _read(folder: Path, mixpanel: Mixpanel) -> Read:
    settings = OracleSettings(
        sources={"web": Source(destinations=("mixpanel",)), "backend": Source(destinations=())},
        destinations={"mixpanel": Destination(mixpanel=mixpanel)},
    )
    job = write_settings(folder, settings)
    # The same file twice: a second copy of a message is a duplicate.
    landed = [
        RawMessage(source, file, number, payload)
        for source in settings.sources
        for file in ("part", "again")
        for number, payload in enumerate(
            (one.payload for one in MESSAGES if one.source == source), start=1
        )
    ]
    write_landing(landed, folder / "landing")
    ingest(job)
    build_tables(job, *TABLES, "rpt_delivery")

    def read(table: str, **values: Any) -> list[Row]:
        rows = published(job.warehouse, f"from {table} order by all")
        for row in rows:
            for column in ("properties", "value"):
                if column in row:
                    row[column] = json.loads(row[column])
        return [row for row in rows if all(row[key] == value for key, value in values.items())]

    return read


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """The tables of Mixpanel without any setting."""
    return _read(tmp_path_factory.mktemp("default"), Mixpanel())


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """The tables of Mixpanel with every setting."""
    return _read(tmp_path_factory.mktemp("configured"), CONFIGURED)


def _events(read: Read, message_id: str) -> list[tuple[str, str]]:
    return [
        (row["mapping"], row["event"]) for row in read("mixpanel_events", message_id=message_id)
    ]


def _reason(read: Read, message_id: str) -> str | None:
    [row] = read("rpt_delivery", message_id=message_id, destination="mixpanel")
    assert (row["outcome"] == "delivered") == (row["reason"] is None)
    reason: str | None = row["reason"]
    return reason


def test_x01_x05_a_track_call_is_an_event(default: Read) -> None:
    assert _events(default, "m1") == [("track", "Foo")]


def test_x02_x35_a_message_that_comes_twice_is_one_row_with_its_id_as_insert_id(
    default: Read,
) -> None:
    [row] = default("mixpanel_events", message_id="m20")
    assert row["insert_id"] == row["properties"]["$insert_id"] == "m20"


def test_x03_x28_the_distinct_id_is_the_user_else_the_device(default: Read) -> None:
    [anonymous] = default("mixpanel_events", message_id="m17")
    assert (anonymous["distinct_id"], anonymous["canonical_distinct_id"]) == ("a5", "$device:a5")
    order = default("mixpanel_events", message_id="m5")[0]
    assert (order["distinct_id"], order["properties"]["id"]) == ("u1", "u1")
    assert (order["properties"]["$device_id"], order["properties"]["$user_id"]) == ("a1", "u1")


def test_x04_the_last_call_writes_a_profile_property_and_others_stay(default: Read) -> None:
    held = {row["property"]: row["value"] for row in default("mixpanel_profiles", distinct_id="u1")}
    assert held == {"plan": "b", "$email": "u1@x.example"}


def test_x07_a_source_that_is_not_connected_gives_nothing(default: Read) -> None:
    assert _events(default, "m19") == []
    assert _reason(default, "m19") == "source_not_connected"


def test_x08_an_order_is_one_order_and_its_products(default: Read) -> None:
    rows = default("mixpanel_events", message_id="m5")
    named = [(row["mapping"], row["insert_id"], row["time"] % 1000) for row in rows]
    assert named == [
        ("order_completed", "m5", 449),
        ("product_purchased", "0m5", 448),
        ("product_purchased", "1m5", 447),
    ]
    first = rows[1]["properties"]
    assert (first["sku"], first["order_id"], rows[1]["event"]) == ("a", "o1", "Product Purchased")
    assert not {"custom", "revenue", "products"} & first.keys()
    assert rows[0]["properties"]["products"] == ORDER["products"]


def test_x08_an_order_is_one_row_without_explode_products(configured: Read) -> None:
    assert _events(configured, "m5") == [("order_completed", "Order Completed")]


def test_x09_an_order_by_another_spelling_is_a_track_call(default: Read) -> None:
    assert _events(default, "m6") == [("track", "order completed")]


def test_x10_a_screen_is_viewed_name(default: Read) -> None:
    [row] = default("mixpanel_events", message_id="m7")
    assert (row["mapping"], row["event"]) == ("screen", "Viewed Home")
    assert row["properties"]["event_original_name"] == "Home"


def test_x11_an_identify_call_without_traits_is_an_identity_and_no_profile(default: Read) -> None:
    [row] = default("mixpanel_identities", message_id="m4")
    assert row["identified_id"] == "u2"
    assert default("mixpanel_profiles", distinct_id="u2") == []


def test_x12_a_page_is_viewed_name_and_an_unnamed_one_viewed(default: Read) -> None:
    assert _events(default, "m8") == [("page", "Viewed signup")]
    assert _events(default, "m9") == [("page", "Viewed ")]


def test_x13_x21_x23_group_calls_write_one_profile_under_the_default_key(default: Read) -> None:
    rows = default("mixpanel_groups", group_id="c1")
    assert {row["group_key"] for row in rows} == {"$group_id"}
    assert {row["property"]: row["value"] for row in rows} == {
        "$name": "Acme", "size": 2, "company_id": "c9",
    }  # fmt: skip
    assert _reason(default, "m12") == "traits_missing"


def test_x14_the_property_id_is_the_distinct_id(default: Read) -> None:
    [row] = default("mixpanel_events", message_id="m13")
    assert row["properties"]["id"] == "u1"


def test_x15_a_mapping_adds_a_row_beside_the_preset_and_a_disabled_one_none(
    configured: Read,
) -> None:
    assert _events(configured, "m14") == [("mapping_1", "Mapped Foo"), ("track", "Foo")]


def test_x16_only_a_call_that_matches_the_trigger_is_mapped(configured: Read) -> None:
    assert {row["event"] for row in configured("mixpanel_events", mapping="mapping_1")} == {
        "Mapped Foo"
    }
    assert _events(configured, "m6") == [("track", "order completed")]


def test_x17_x18_listed_properties_replace_those_of_the_call(configured: Read) -> None:
    mapped, preset = configured("mixpanel_events", message_id="m14")
    assert mapped["properties"]["Segment Message ID"] == "m14"
    assert "platform" not in mapped["properties"]
    assert (preset["properties"]["platform"], preset["properties"]["b"]) == ("android", 1)


def test_x20_x22_the_group_is_the_trait_named_by_the_group_key_else_group_id(
    configured: Read,
) -> None:
    rows = configured("mixpanel_groups")
    assert {row["group_key"] for row in rows} == {"company_id"}
    assert {row["group_id"] for row in rows} == {"c1", "c9", "c2"}


def test_x24_an_event_counts_for_the_group_that_its_property_names(
    default: Read, configured: Read
) -> None:
    def groups(read: Read, message_id: str) -> list[str]:
        rows = read("mixpanel_events", message_id=message_id, mapping="track")
        return [group for row in rows for group in row["group_ids"]]

    assert groups(configured, "m13") == ["c1"]
    assert groups(configured, "m14") == []
    assert groups(default, "m22") == ["g1"]


def test_x25_super_properties_are_stamped_on_events_of_client_libraries(
    default: Read, configured: Read
) -> None:
    [on] = configured("mixpanel_events", message_id="m17", mapping="track")
    assert (on["properties"]["company_id"], on["group_ids"]) == ("c5", ["c5"])
    [server] = configured("mixpanel_events", message_id="m22", mapping="track")
    [off] = default("mixpanel_events", message_id="m17")
    assert "company_id" not in server["properties"].keys() | off["properties"].keys()


def test_x26_a_message_that_was_not_sent_says_why(default: Read) -> None:
    assert _reason(default, "m24") == "event_name_missing"
    assert _reason(default, "m21") == "unsupported_type"


def test_x29_simplified_counts_a_device_for_the_user_of_its_first_joint_call(
    default: Read,
) -> None:
    [before] = default("mixpanel_events", message_id="m1")
    assert before["canonical_distinct_id"] == "u1"
    [aliased] = default("mixpanel_events", message_id="m22")
    assert aliased["canonical_distinct_id"] == "$device:a9"


def test_x29_original_follows_aliases(configured: Read) -> None:
    [aliased] = configured("mixpanel_events", message_id="m22", mapping="track")
    assert aliased["canonical_distinct_id"] == "u1"
    [row] = configured("mixpanel_identities", kind="alias")
    assert (row["identified_id"], row["anonymous_id"]) == ("u1", "a9")
    [alone] = configured("mixpanel_events", message_id="m17", mapping="track")
    assert alone["canonical_distinct_id"] == "a5"


def test_x31_x34_the_library_tells_cloud_from_device_mode(default: Read, configured: Read) -> None:
    [cloud] = default("mixpanel_events", message_id="m1")
    [device] = default("mixpanel_events", message_id="m18")
    assert (cloud["mp_lib"], cloud["connection_mode"]) == ("Segment: analytics.js", "cloud")
    assert (device["mp_lib"], device["connection_mode"]) == ("Segment: web", "device")
    [named] = configured("mixpanel_events", message_id="m1", mapping="track")
    assert named["mp_lib"] == "Segment Actions: analytics.js"


def test_x32_without_people_there_are_no_profiles(configured: Read) -> None:
    assert configured("mixpanel_profiles") == []
    assert _reason(configured, "m3") == "nothing_to_send"


def test_x33_pages_may_share_one_event(configured: Read) -> None:
    pages = [*configured("mixpanel_events", message_id="m25")]
    pages += configured("mixpanel_events", message_id="m26")
    assert [page["event"] for page in pages] == ["Loaded a Page", "Loaded a Page"]
    assert [page["properties"]["event_original_name"] for page in pages] == ["a", "b"]
