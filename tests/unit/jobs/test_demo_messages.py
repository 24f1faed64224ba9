"""The messages of a demo: believable payloads, all call types, every kind of dirt."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jobs.demo import write_demo

COLUMNS = [
    "messageId", "anonymousId", "userId", "groupId", "previousId", "type", "event", "name",
    "category", "timestamp", "originalTimestamp", "sentAt", "receivedAt", "channel", "version",
    "projectId", "context", "integrations", "properties", "traits",
]  # fmt: skip
OBJECTS = ("context", "integrations", "properties", "traits")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("demo")
    write_demo(target, visitors=2_500, seed=11)
    return target


@pytest.fixture(scope="module")
def messages(demo: Path) -> pl.DataFrame:
    return pl.concat(list(landed_frames(demo)))


def landed_frames(demo: Path) -> Iterator[pl.DataFrame]:
    times = ("timestamp", "originalTimestamp", "sentAt", "receivedAt")
    for path in sorted((demo / "landing").rglob("*.parquet")):
        frame = pl.read_parquet(path)
        text = [name for name in times if frame.schema[name] == pl.String]
        parsed = frame.with_columns(
            pl.col(text).str.to_datetime("%Y-%m-%dT%H:%M:%S%.3fZ", time_unit="us")
        )
        source = path.relative_to(demo / "landing").parts[0]
        yield parsed.with_columns(source=pl.lit(source), file=pl.lit(str(path)))


def objects(messages: pl.DataFrame, column: str) -> list[dict[str, Any]]:
    return [json.loads(text) for text in messages[column].drop_nulls()]


def test_rows_have_the_raw_layout(demo: Path) -> None:
    for path in (demo / "landing").rglob("*.parquet"):
        assert list(pl.read_parquet_schema(path)) == COLUMNS


def test_times_land_as_text_and_as_timestamps(demo: Path) -> None:
    kinds = {
        source.name: {
            str(pl.read_parquet_schema(path)["receivedAt"]) for path in source.glob("*.parquet")
        }
        for source in (demo / "landing").iterdir()
    }
    assert kinds["web"] == {"String"}
    assert kinds["product"] == {"Datetime(time_unit='us', time_zone=None)"}


def test_objects_are_json_objects(messages: pl.DataFrame) -> None:
    for column in OBJECTS:
        assert all(isinstance(entry, dict) for entry in objects(messages, column))


def test_payload_is_about_600_bytes(messages: pl.DataFrame) -> None:
    width = pl.col("context").str.len_bytes() + pl.col("properties").str.len_bytes().fill_null(0)
    assert 500 < messages.select(width.mean()).item() < 750


def test_visitors_send_a_believable_number_of_messages(messages: pl.DataFrame) -> None:
    assert 12 <= messages.height / 2_500 <= 20


def test_all_call_types_and_sources_are_there(messages: pl.DataFrame) -> None:
    types = Counter(messages["type"])
    for name in ("page", "track", "identify", "group", "screen", "alias"):
        assert types[name] > 0
    assert set(messages["source"]) == {"web", "product", "backend", "engage", "flags"}


def test_message_ids_repeat_only_as_later_copies_in_another_file(messages: pl.DataFrame) -> None:
    copies = messages.group_by("messageId").agg(
        pl.len(),
        files=pl.col("file").n_unique(),
        receipts=pl.col("receivedAt").n_unique(),
        payloads=pl.struct("type", "timestamp", "properties", "traits").n_unique(),
    )
    repeated = copies.filter(pl.col("len") > 1)
    assert 0.003 < repeated.height / messages.height < 0.015
    assert (repeated["files"] == repeated["len"]).all()
    assert (repeated["receipts"] == repeated["len"]).all()
    assert (repeated["payloads"] == 1).all()


def test_some_messages_arrive_late_or_with_broken_clocks(messages: pl.DataFrame) -> None:
    first = messages.sort("receivedAt").unique("messageId", keep="first")
    lag = first["receivedAt"] - first["timestamp"]
    assert 0.005 < (lag > timedelta(hours=12)).sum() / first.height < 0.015
    assert (lag < timedelta(minutes=-5)).sum() > 5
    assert first["timestamp"].null_count() > 5
    no_timestamp = first.filter(pl.col("timestamp").is_null())
    assert 0 < no_timestamp["sentAt"].null_count() < no_timestamp.height


def test_given_times_agree_with_the_device_clock(messages: pl.DataFrame) -> None:
    first = messages.sort("receivedAt").unique("messageId", keep="first")
    given = first.filter(pl.col("timestamp") <= pl.col("receivedAt"))
    computed = given["receivedAt"] - (given["sentAt"] - given["originalTimestamp"])
    assert (computed == given["timestamp"]).all()


def test_nothing_is_received_outside_the_period(messages: pl.DataFrame) -> None:
    received = pl.col("receivedAt")
    outside = (received < datetime(2026, 6, 1)) | (received >= datetime(2026, 7, 1))
    assert messages.filter(outside).is_empty()


def test_exposures_hold_every_spelling_of_an_arm(messages: pl.DataFrame) -> None:
    views = objects(messages.filter(pl.col("event") == "Mutiny Experience Viewed"), "properties")
    arms = Counter(repr(view["personalized"]) for view in views)
    assert set(arms) == {"True", "False", "'true'", "'false'", "None"}
    assert 0 < sum("experience" not in view for view in views) < 0.01 * len(views)
    assert abs(arms["True"] / (arms["True"] + arms["False"]) - 0.5) < 0.05
    assert {view["variation"] for view in views if view["personalized"] is False} == {"Control"}


def test_devices_are_shared_and_one_is_a_hub(messages: pl.DataFrame) -> None:
    logins = messages.filter(pl.col("userId").is_not_null() & pl.col("anonymousId").is_not_null())
    users = logins.group_by("anonymousId").agg(pl.col("userId").n_unique())["userId"]
    assert (users > 100).sum() == 1
    assert ((users > 1) & (users < 5)).sum() >= 3


def test_ids_that_name_nobody_and_rejects_are_there(messages: pl.DataFrame) -> None:
    assert {"undefined", "null"} <= set(messages["userId"])
    assert "00000000-0000-0000-0000-000000000000" in set(messages["anonymousId"])
    no_id = messages.filter(pl.col("anonymousId").is_null() & pl.col("userId").is_null())
    unknown = messages.filter(pl.col("type") == "heartbeat")
    assert no_id.height > 0
    assert unknown.height > 0
    assert no_id.height + unknown.height < 0.005 * messages.height


def test_alias_renames_users_and_logs_visitors_in(messages: pl.DataFrame) -> None:
    aliases = messages.filter(pl.col("type") == "alias")
    previous, anonymous = set(aliases["previousId"]), set(messages["anonymousId"])
    assert previous & anonymous
    assert (previous - anonymous) & set(messages["userId"])


def test_engage_tells_audiences_by_boolean_traits(messages: pl.DataFrame) -> None:
    engage = messages.filter(pl.col("source") == "engage")
    for context, traits in zip(objects(engage, "context"), objects(engage, "traits"), strict=True):
        assert context["personas"]["computation_class"] == "audience"
        assert isinstance(traits[context["personas"]["computation_key"]], bool)
    assert {entry["All"] for entry in objects(engage, "integrations")} == {False}


def test_bots_are_there_and_no_visitor_looks_like_one(messages: pl.DataFrame) -> None:
    web = messages.filter(pl.col("source") == "web")
    agents = [context["userAgent"] for context in objects(web, "context")]
    bots = sum("bot" in agent for agent in agents)
    assert 0 < bots < 0.03 * len(agents)


def test_orders_repeat_their_id_and_have_an_amount(messages: pl.DataFrame) -> None:
    orders = objects(
        messages.filter(pl.col("event") == "Order Completed").unique("messageId"), "properties"
    )
    ids = Counter(order["order_id"] for order in orders)
    assert max(ids.values()) == 2
    for order in orders:
        assert order["revenue"] == pytest.approx(order["subtotal"] - order["discount"])
        assert order["total"] == pytest.approx(order["revenue"] + order["tax"])
        assert order["currency"] == "USD"
        assert 1 <= len(order["products"]) <= 3
        assert sum(line["price"] * line["quantity"] for line in order["products"]) == pytest.approx(
            order["subtotal"]
        )
        assert all(
            line["product_id"] and line["sku"] and line["name"] for line in order["products"]
        )


def test_some_conversions_are_kept_from_the_vendor(messages: pl.DataFrame) -> None:
    conversions = messages.filter(
        pl.col("event").is_in(["Signed Up", "Order Completed", "Demo Requested"])
    )
    routings = Counter(conversions["integrations"])
    assert routings['{"All":false}'] > 0
    assert routings['{"Mutiny":false}'] > 0
    assert routings["{}"] > 0.8 * conversions.height
    assert conversions["context"].str.contains('"Advertising":false').any()


def test_message_counts_are_those_of_the_landed_messages(
    demo: Path, messages: pl.DataFrame
) -> None:
    """What destinations make something of, counted again from what landed."""
    counted = json.loads((demo / "truth.json").read_text())["message_counts"]
    staged = messages.unique("messageId").filter(
        (pl.col("type") != "heartbeat")
        & (pl.col("anonymousId").is_not_null() | pl.col("userId").is_not_null())
    )

    def calls(kind: str, *, named: bool) -> int:
        return staged.filter(
            (pl.col("type") == kind) & (pl.col("name").is_not_null() == named)
        ).height

    def of_event(name: str) -> list[dict[str, Any]]:
        return objects(staged.filter(pl.col("event") == name), "properties")

    integrations = Counter(staged["integrations"])
    properties, traits = objects(staged, "properties"), objects(staged, "traits")
    treatments = of_event("get_treatment")
    assert counted == {
        "pages_without_name": calls("page", named=False),
        "pages_with_name": calls("page", named=True),
        "screens_without_name": calls("screen", named=False),
        "screens_with_name": calls("screen", named=True),
        "group_calls": staged.filter(pl.col("type") == "group").height,
        "alias_calls": staged.filter(pl.col("type") == "alias").height,
        "orders": len(of_event("Order Completed")),
        "order_products": sum(len(order["products"]) for order in of_event("Order Completed")),
        "treatments": len(treatments),
        "treatments_of_another_environment": sum(
            t["environmentName"] != "prod" for t in treatments
        ),
        "treatments_of_control": sum(t["treatment"] == "control" for t in treatments),
        "campaign_views": len(of_event("Campaign Viewed")),
        "reserved_properties": sum("id" in entry for entry in properties),
        "tracks_with_split": sum(isinstance(entry.get("split"), dict) for entry in properties),
        "messages_with_consent": sum("consent" in entry for entry in objects(staged, "context")),
        "traits_with_objects": sum(
            any(isinstance(value, dict) for value in entry.values()) for entry in traits
        ),
        "long_traits": sum(len(str(entry.get("message", ""))) > 255 for entry in traits),
        "all_switched_off": integrations['{"All":false}'],
        "mutiny_switched_off": integrations['{"Mutiny":false}'],
        "mixpanel_switched_off": integrations['{"Mixpanel":false}'],
        "split_switched_off": integrations['{"Split":false}'],
        "abmatic_switched_off": integrations['{"Markettailor":false}'],
    }
    assert all(counted.values())


def test_group_calls_have_the_traits_of_accounts(messages: pl.DataFrame) -> None:
    groups = messages.filter(pl.col("type") == "group")
    for company, traits in zip(groups["groupId"], objects(groups, "traits"), strict=True):
        assert traits["company_id"] == company
        assert {"plan", "industry", "employees"} <= set(traits)
