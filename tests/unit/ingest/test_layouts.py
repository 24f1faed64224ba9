"""Which layout a path speaks of, and that the same messages give the same rows in each."""

import gzip
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from ingest.layouts.snake_case import snake_case
from ingest.storage.landing import FolderLanding
from ingest.storage.paths import recognise
from tests.unit.ingest.conftest import STAGED, Landing, message

DAY = "segment-logs/wK3sQ/1777593600000"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("web/a.parquet", ("raw", "web", None)),
        ("web/day=2026-05-01/a.snappy.parquet", ("raw", "web", None)),
        (f"{DAY}/x.gz", ("s3", "wK3sQ", None)),
        (f"prefix/{DAY}/x.1.gz", ("s3", "wK3sQ", None)),
        ("wK3sQ/1777593600000/x.gz", ("s3", "wK3sQ", None)),
        (
            "segment-data/data/web/segment_type=page_viewed/day=2026-05-01/hr=13/x.parquet",
            ("data-lakes", "web", "page_viewed"),
        ),
        (
            "data/web/segment_type=identify/year=2026/month=05/day=01/hr=13/x.parquet",
            ("data-lakes", "web", "identify"),
        ),
        ("data/web/segment_type=order/2026/5/1/x.parquet", ("data-lakes", "web", "order")),
        ("web/segment_type=order/day=2026-05-01/x.parquet", ("data-lakes", "web", "order")),
        ("a.parquet", None),
        ("segment-logs/dummy-object.txt", None),
        ("web/a.csv", None),
        ("web/notes.gz", None),
        ("web/.a.parquet", None),
        ("_tmp/a.parquet", None),
        ("web/_SUCCESS", None),
        ("segment-stage/web/a.parquet", None),
        ("segment-data/reports/day=2026-05-01/source=web/run_id=1/report.json", None),
    ],
)
def test_layout_follows_from_the_path(path: str, expected: tuple[str, str, str | None]) -> None:
    assert recognise(path) == expected


def test_layout_other_files_are_passed_over_and_named(landing: Landing) -> None:
    landing.write("web/a.parquet", [message()])
    for path in ("segment-logs/dummy-object.txt", "web/notes.csv", "web/_SUCCESS", ".hidden/x"):
        landing.place(path).write_text("x")
    listing = FolderLanding(landing.folder).listing()
    assert [file.path for file in listing.files] == ["web/a.parquet"]
    assert listing.passed_over == ["segment-logs/dummy-object.txt", "web/notes.csv"]


# ---- segment logs ---------------------------------------------------------------------------


def test_log_lines_are_rows_by_their_number_and_blank_lines_are_none(landing: Landing) -> None:
    landing.write_log(
        f"{DAY}/a.gz",
        ["\ufeff" + json.dumps(message("m1")), "", "  \r", json.dumps(message("m2")) + "\r"],
    )
    report = landing.ingest()
    assert report.rows_landed == 2
    assert landing.rows("select message_id, row_number from raw.messages order by 2") == [
        ("m1", 1),
        ("m2", 4),
    ]


def test_log_lines_that_are_not_an_object_are_rejected_as_they_are(landing: Landing) -> None:
    lines = ["[1]", '"text"', "3", "{", "null", "nonsense", '{"a":1}}']
    landing.write_log(f"{DAY}/a.gz", [json.dumps(message("m1")), *lines])
    assert landing.ingest().rows_rejected == len(lines)
    assert landing.rows(f"select reject_reason, rejected_payload, row_number {STAGED}")[1:] == [
        ("no_json_object", line, number) for number, line in enumerate(lines, 2)
    ]


VALUES_AND_IDENTIFIERS = [
    ("123", "123"),
    ("12.50", "12.5"),
    ("40.0", "40"),
    ("1e3", "1000"),
    ("-0", "0"),
    ("-0.0e7", "0"),
    ("0.12345678901", "0.12345678901"),
    # More digits than a double has, and other texts of one double.
    ("0.12345678901234567891", "0.12345678901234567891"),
    ("9007199254740993.0", "9007199254740993"),
    ("0.30000000000000001", "0.30000000000000001"),
    ("1.00", "1"),
    ("1e-7", "0.0000001"),
    ("1.5e22", "15000000000000000000000"),
    ("1e308", "1" + 308 * "0"),
    ("-2.5E-324", "-0." + 323 * "0" + "25"),
    ("12345678901234567890123", "12345678901234567890123"),
    ('" u 1 "', " u 1 "),
    ("true", None),
    ("{}", None),
    ("[]", None),
]


def test_log_numbers_identify_as_plain_decimals_and_other_values_not_at_all(
    landing: Landing,
) -> None:
    line = json.dumps(message(anonymousId=None, userId="@"))
    lines: list[Any] = [line.replace('"@"', value) for value, _ in VALUES_AND_IDENTIFIERS]
    landing.write_log(f"{DAY}/a.gz", lines)
    landing.ingest()
    assert landing.rows(f"select reject_reason, user_id {STAGED}") == [
        (None, text) for _, text in VALUES_AND_IDENTIFIERS
    ]


def test_log_numbers_that_nobody_can_write_out_are_not_identifiers(landing: Landing) -> None:
    """Every reader has the first for Infinity; the last would be a billion zeros."""
    line = json.dumps(message(userId="@"))
    numbers = ("1e309", "-1e309", "1e-999999999")
    landing.write_log(f"{DAY}/a.gz", [line.replace('"@"', number) for number in numbers])
    landing.ingest()
    assert landing.rows("select anonymous_id, user_id, repairs from raw.messages") == [
        ("a1", None, "not_a_number")
    ] * len(numbers)


def test_log_files_already_unpacked_are_read(landing: Landing) -> None:
    landing.place(f"{DAY}/a.gz").write_text(json.dumps(message("m1")) + "\n")
    landing.ingest()
    assert landing.rows("select message_id from raw.messages") == ["m1"]


def test_log_files_of_several_gzip_members_are_read(landing: Landing) -> None:
    members = [gzip.compress(json.dumps(message(f"m{n}")).encode() + b"\n") for n in range(2)]
    landing.place(f"{DAY}/a.gz").write_bytes(b"".join(members))
    assert landing.ingest().rows_landed == 2


@pytest.mark.parametrize("damage", ["cut", "garbage", "flipped", "parquet"])
def test_log_files_that_cannot_be_read_to_their_end_contribute_nothing(
    landing: Landing, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.layouts.segment_logs.BLOCK_BYTES", 40_000)
    lines: list[Any] = [message(f"m{number}") for number in range(500)]
    packed = landing.write_log(f"{DAY}/bad.gz", lines)
    content = packed.read_bytes()
    middle = len(content) // 2
    packed.write_bytes(
        {
            "cut": content[:-20],
            "garbage": b"hello",
            "flipped": content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :],
            "parquet": b"PAR1" + bytes(100),
        }[damage]
    )
    landing.write_log(f"{DAY}/good.gz", [message("good")])
    report = landing.ingest()
    assert [reason.split(":")[0] for reason in report.unreadable] == [f"{DAY}/bad.gz"]
    assert landing.rows("select message_id from raw.messages") == ["good"]
    landing.write_log(f"{DAY}/bad.gz", lines)
    assert landing.ingest().unreadable == ()
    assert landing.rows("select count(*) from raw.messages") == [501]


# ---- data lakes -----------------------------------------------------------------------------


def lake_row(message_id: str = "m1", **columns: Any) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "anonymous_id": "a1",
        "timestamp": datetime(2026, 5, 1, 10, tzinfo=UTC),
        "received_at": datetime(2026, 5, 1, 10, 0, 1, tzinfo=UTC),
        **columns,
    }


def lake(landing: Landing, table: str, rows: list[dict[str, Any]], day: str = "01") -> None:
    landing.write(f"segment-data/data/web/segment_type={table}/day=2026-05-{day}/x.parquet", rows)


def test_lake_columns_become_the_objects_of_a_message(landing: Landing) -> None:
    lake(
        landing,
        "order_completed",
        [
            lake_row(
                type="track",
                event="Order Completed",
                properties_revenue=Decimal("12.500000"),
                properties_order_id=Decimal("1001.000000"),
                properties_first=True,
                properties_items="[1, 2]",
                properties_at=datetime(2026, 5, 1, tzinfo=UTC),
                properties_nothing=None,
                context_page_url="https://x/",
                context_user_agent="ua",
                context_device_advertising_id="d",
                context_consent_category_preferences_ads=False,
                context_my_own_key=1,
                integrations_all=False,
                integrations_mutiny=True,
            )
        ],
    )
    landing.ingest()
    row = landing.rows(
        "select type, event, event_table, is_flattened, given_at, properties, context, integrations"
        " from raw.messages"
    )[0]
    assert row[:5] == ("track", "Order Completed", None, True, datetime(2026, 5, 1, 10))
    assert [json.loads(text) for text in row[5:]] == [
        {
            "revenue": 12.5,
            "order_id": 1001,
            "first": True,
            "items": "[1, 2]",
            "at": "2026-05-01T00:00:00.000Z",
        },
        {
            "page": {"url": "https://x/"},
            "userAgent": "ua",
            "device": {"advertisingId": "d"},
            "consent": {"categoryPreferences": {"ads": False}},
            "my_own_key": 1,
        },
        {"All": False, "Mutiny": True},
    ]


TABLES_AND_CALLS: list[tuple[str, dict[str, Any], tuple[str | None, ...]]] = [
    ("order_completed", {}, ("track", None, "order_completed", None)),
    ("order_completed", {"event": "Order!"}, ("track", "Order!", None, None)),
    ("order_completed", {"event": "o", "event_text": "O"}, ("track", "O", None, None)),
    ("identify", {"name": "Ann"}, ("identify", None, None, None)),
    ("identifies", {}, ("identify", None, None, None)),
    ("pages", {"name": "Home"}, ("page", None, None, "Home")),
    ("home", {"type": "page", "name": "Home", "properties_x": 1}, ("page", None, None, "Home")),
]


def test_lake_type_and_event_come_from_a_column_else_from_the_path(landing: Landing) -> None:
    for number, (table, columns, _) in enumerate(TABLES_AND_CALLS, 1):
        lake(landing, table, [lake_row(f"m{number}", **columns)], day=f"{number:02}")
    landing.ingest()
    assert landing.rows(
        "select type, event, event_table, name from raw.messages order by message_id"
    ) == [expected for *_, expected in TABLES_AND_CALLS]


COLUMNS_AND_OBJECTS: list[tuple[str, dict[str, Any], str, dict[str, Any] | None]] = [
    ("order", {"revenue": 5, "name": "n"}, "properties", {"revenue": 5, "name": "n"}),
    ("order", {"properties_revenue": 5, "name": "n"}, "properties", {"revenue": 5}),
    ("identify", {"email": "e", "name": "n"}, "traits", {"email": "e", "name": "n"}),
    ("identify", {"traits_email": "e", "name": "n"}, "traits", {"email": "e"}),
    ("group", {"plan": "p", "group_id": "g"}, "traits", {"plan": "p"}),
    ("page", {"title": "t", "name": "n"}, "properties", {"title": "t"}),
    ("order", {"metadata_bundled": "x", "hr": 3}, "properties", None),
]


def test_lake_columns_without_a_prefix_are_what_no_field_of_a_message_is(landing: Landing) -> None:
    for number, (table, columns, _, _) in enumerate(COLUMNS_AND_OBJECTS, 1):
        lake(landing, table, [lake_row(f"m{number}", **columns)], day=f"{number:02}")
    landing.ingest()
    found = landing.rows("select properties, traits from raw.messages order by message_id")
    for (table, columns, field, expected), row in zip(COLUMNS_AND_OBJECTS, found, strict=True):
        text = row[("properties", "traits").index(field)]
        assert (text and json.loads(text)) == expected, (table, columns)


def test_lake_types_and_columns_may_differ_between_files(landing: Landing) -> None:
    lake(landing, "order", [lake_row("m1", properties_plan=1)], day="01")
    lake(landing, "order", [lake_row("m2", properties_plan="1", properties_new=True)], day="02")
    lake(landing, "order", [lake_row("m3", properties_plan=Decimal("1.500000"))], day="03")
    landing.ingest()
    assert landing.rows("select properties from raw.messages order by message_id") == [
        '{"plan":1}',
        '{"plan":"1","new":true}',
        '{"plan":1.5}',
    ]


def test_lake_numbers_identify_as_plain_decimals(landing: Landing) -> None:
    lake(landing, "order", [lake_row(user_id=Decimal("97.000000"), anonymous_id=12)])
    landing.ingest()
    assert landing.rows("select user_id, anonymous_id from raw.messages") == [("97", "12")]


TYPED_NUMBERS: list[tuple[Any, Any, str | None]] = [
    (pl.Float64, 97.0, "97"),
    (pl.Float64, 0.12345678901, "0.12345678901"),
    (pl.Float64, 1.5e300, "15" + 299 * "0"),
    (pl.Float64, -0.0, "0"),
    (pl.Float32, 0.1, "0.1"),
    (pl.UInt64, 2**64 - 1, "18446744073709551615"),
    (pl.Decimal(38, 12), Decimal("12345678901234567890.123456789010"),
     "12345678901234567890.12345678901"),
    # What stands for a missing number is not an identifier of everybody.
    (pl.Float64, float("nan"), None),
    (pl.Float64, float("inf"), None),
]  # fmt: skip


@pytest.mark.parametrize("layout", ["raw", "lake"])
def test_typed_numbers_identify_by_every_digit(landing: Landing, layout: str) -> None:
    for number, (kind, value, _) in enumerate(TYPED_NUMBERS, 1):
        if layout == "raw":
            row = message(f"m{number}", userId=value)
            landing.write(f"web/{number}.parquet", [row], userId=kind)
        else:
            path = f"data/web/segment_type=signed_up/day=2026-05-01/hr=10/{number}.parquet"
            landing.write(path, [lake_row(f"m{number}", user_id=value)], user_id=kind)
    landing.ingest()
    assert landing.rows("select user_id from raw.messages order by message_id") == [
        text for *_, text in TYPED_NUMBERS
    ]


@pytest.mark.parametrize("layout", ["raw", "s3"])
def test_numbers_that_a_double_would_round_are_two_visitors(landing: Landing, layout: str) -> None:
    digits = ["0.12345678901234567891", "0.12345678901234567892", "0.5", "5e-1"]
    traits = [
        f'{{"mutinyVisitorId":{number},"revenue":0.1234567890123456789}}' for number in digits
    ]
    rows = [message(f"m{n}", traits=text) for n, text in enumerate(traits)]
    landing.land(layout, rows)
    landing.ingest()
    assert landing.rows(
        "select traits ->> '/mutinyVisitorId', json_type(traits, '/revenue'), repairs"
        " from raw.messages order by message_id"
    ) == [
        ("0.12345678901234567891", "DOUBLE", "long_number"),
        ("0.12345678901234567892", "DOUBLE", "long_number"),
        ("0.5", "DOUBLE", None),
        ("0.5", "DOUBLE", None),
    ]


def test_lake_ten_thousand_columns_are_read(landing: Landing) -> None:
    wide = {f"properties_k{number}": number for number in range(10_000)}
    lake(landing, "wide", [lake_row() | wide])
    landing.ingest()
    assert landing.rows("select len(json_keys(properties)) from raw.messages") == [10_000]


CALLS_AND_IDENTIFIERS: list[tuple[str, str, object, str | None]] = [
    ("alias", "previousId", {"a": 1}, None),
    ("group", "groupId", [1], None),
    ("group", "groupId", False, None),
    ("alias", "groupId", {"a": 1}, "no_identifier"),
    ("track", "previousId", True, "no_identifier"),
    ("track", "userId", True, None),
    ("track", "anonymousId", [], None),
    ("alias", "previousId", "", "no_identifier"),
]


@pytest.mark.parametrize("layout", ["raw", "s3", "data-lakes"])
def test_layout_any_value_but_empty_text_identifies_a_message(
    landing: Landing, layout: str
) -> None:
    for number, (call, field, value, _) in enumerate(CALLS_AND_IDENTIFIERS, 1):
        row = message(f"m{number}", type=call, anonymousId=None) | {field: value}
        if layout == "raw":
            landing.write(f"web/{number}.parquet", [row])
        elif layout == "s3":
            landing.write_log(f"{DAY}/{number}.gz", [row | {"properties": {}}])
        else:
            columns = {"anonymous_id": None, snake_case(field): value}
            lake(landing, call, [lake_row(f"m{number}", **columns)], day=f"{number:02}")
    landing.ingest()
    assert landing.rows("select reject_reason from raw.messages order by message_id") == [
        reason for *_, reason in CALLS_AND_IDENTIFIERS
    ]


# ---- one message in every layout ------------------------------------------------------------


def test_layout_a_message_in_all_three_lands_once_in_the_fullest(landing: Landing) -> None:
    lake(landing, "signed_up", [lake_row("m1")])
    landing.write_log(f"{DAY}/a.gz", [message("m1", properties={})])
    landing.write("web/a.parquet", [message("m1")])
    landing.ingest()
    assert landing.rows(
        "select layout from raw.messages join raw.files using (file_id) where not is_duplicate"
    ) == ["raw"]
    assert landing.rows("select count(*) from raw.messages where is_duplicate") == [2]


def test_layout_raw_and_s3_give_the_same_row(landing: Landing) -> None:
    properties = '{"a": 1.5, "é": ["\\u00e9", {"b": null}], "c": "x: y"}'
    row = message(userId="u1", properties=properties, context='{ "page" : {"url": "u"} }')
    landing.write("web/a.parquet", [row])
    landing.write("web/b.parquet", [row | {"properties": json.loads('{"a": 1.5}')}])
    landing.write_log(
        f"{DAY}/a.gz",
        [row | {"properties": json.loads(properties), "context": {"page": {"url": "u"}}}],
    )
    landing.ingest()
    columns = "* exclude (file_id, source, is_duplicate)"
    raw, nested, log = landing.rows(f"select columns({columns}) from raw.messages order by file_id")
    assert raw == log
    assert nested != log


def test_layout_a_message_without_id_has_one_name_in_raw_and_s3(landing: Landing) -> None:
    row = message(None, properties='{"b": 1, "a": 2}')
    landing.write("web/a.parquet", [row], messageId=pl.String)
    landing.write_log(f"{DAY}/a.gz", [row | {"properties": {"a": 2, "b": 1}, "writeKey": "w"}])
    landing.ingest()
    assert landing.rows("select count(distinct message_id) from raw.messages") == [1]


def test_layout_files_without_rows_are_named(landing: Landing) -> None:
    landing.write("web/empty.parquet", [message()])
    pl.read_parquet(landing.folder / "web/empty.parquet").clear().write_parquet(
        landing.folder / "web/empty.parquet"
    )
    landing.write_log(f"{DAY}/empty.gz", ["", " "])
    landing.place(f"{DAY}/nothing.gz").write_bytes(gzip.compress(b""))
    landing.write("web/good.parquet", [message()])
    report = landing.ingest()
    assert report.files_staged == 1
    assert sorted(report.unreadable) == [
        f"{DAY}/empty.gz: it holds no rows",
        f"{DAY}/nothing.gz: it holds no rows",
        "web/empty.parquet: it holds no rows",
    ]
