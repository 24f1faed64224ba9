import hashlib
import json
from datetime import UTC, datetime

import polars as pl
import pytest

from tests.unit.ingest.conftest import STAGED, Landing, message


def test_staging_snake_case_columns_give_the_same_rows(landing: Landing) -> None:
    landing.write("web/camel.parquet", [message()])
    landing.write(
        "app/snake.parquet",
        [
            {
                "message_id": "m2",
                "type": "track",
                "event": "Signed Up",
                "anonymous_id": "a1",
                "timestamp": "2026-05-01T10:00:00.000Z",
                "received_at": "2026-05-01T10:00:01.000Z",
                "properties": "{}",
            }
        ],
    )
    landing.ingest()
    camel, snake = landing.rows(
        "select event, anonymous_id, given_at, received_at, properties from raw.messages"
        " order by message_id"
    )
    assert camel == snake


def test_staging_typed_times_and_nested_objects(landing: Landing) -> None:
    when = datetime(2026, 5, 1, 10, tzinfo=UTC)
    landing.write(
        "web/typed.parquet",
        [
            message(
                timestamp=when,
                receivedAt=when.replace(tzinfo=None),
                properties={"revenue": 12.5, "coupon": None, "products": [{"sku": "x"}]},
            )
        ],
    )
    landing.ingest()
    given, received, properties = landing.rows(
        "select given_at, received_at, properties from raw.messages"
    )[0]
    assert given == received == when.replace(tzinfo=None)
    assert json.loads(properties) == {"revenue": 12.5, "products": [{"sku": "x"}]}


DATE_TIMES = {
    "2026-05-01T10:00:00.000Z": "2026-05-01 10:00:00",
    "2026-05-01T10:00:00Z": "2026-05-01 10:00:00",
    "2026-05-01T10:00Z": "2026-05-01 10:00:00",
    "2026-05-01 10:00:00": "2026-05-01 10:00:00",
    "2026-05-01T12:00:00+02:00": "2026-05-01 10:00:00",
    "2026-05-01T12:00:00+0200": "2026-05-01 10:00:00",
    "2026-05-01T10:00:00.1234569Z": "2026-05-01 10:00:00.123456",
    "2026-05-01 10:00:00.2098 +0000 UTC m=+70366.29": "2026-05-01 10:00:00.2098",
    "2026-05-01 12:00:00 +0200 CEST": "2026-05-01 10:00:00",
    "2026-05-01": None,
    "1777629600": None,
    "Fri, 01 May 2026 10:00:00 GMT": None,
    "2026-13-01T10:00:00Z": None,
    "1999-12-31T23:59:59.999Z": None,
    "0001-01-01T00:00:00Z": None,
    "2038-01-19T03:14:08Z": "2038-01-19 03:14:08",
    "9999-12-31T23:59:59Z": "9999-12-31 23:59:59",
    "+275760-09-13T00:00:00Z": None,
    "infinity": None,
    # Beyond the last instant, in the offset of the sender.
    "9999-12-31T23:59:59-12:00": "9999-12-31 23:59:59.999999",
    "0001-01-01T00:00:00+12:00": None,
    "2026-05-01T24:00:00.000Z": None,
    "2026-02-30T00:00:00.000Z": None,
    "soon": None,
}


@pytest.mark.parametrize("layout", ["raw", "s3"])
def test_staging_reads_date_times_and_nothing_else(landing: Landing, layout: str) -> None:
    landing.land(layout, [message(timestamp=text) for text in DATE_TIMES])
    landing.ingest()
    found = landing.rows(f"select reject_reason, has_timestamp, given_at::varchar {STAGED}")
    assert found == [(None, True, kept) for kept in DATE_TIMES.values()]


def test_staging_reads_an_empty_timestamp_as_absent(landing: Landing) -> None:
    landing.write("web/a.parquet", [message(timestamp="")])
    landing.ingest()
    assert landing.rows("select has_timestamp from raw.messages") == [False]


FIELDS_AND_REASONS: list[tuple[dict[str, str | None], str | None]] = [
    ({"type": "Track"}, "unknown_type"),
    ({"type": None}, "unknown_type"),
    ({"anonymousId": None, "userId": ""}, "no_identifier"),
    ({"anonymousId": "", "userId": None, "type": "alias", "previousId": None}, "no_identifier"),
    ({"anonymousId": None, "userId": None, "type": "alias", "previousId": "p"}, None),
    ({"anonymousId": None, "userId": None, "type": "group", "groupId": "g"}, None),
    ({"anonymousId": None, "userId": None, "type": "track", "groupId": "g"}, "no_identifier"),
    ({"timestamp": None, "receivedAt": None}, "no_time"),
    ({"timestamp": "2026-05-01", "receivedAt": "yesterday"}, "no_time"),
    ({"timestamp": None, "receivedAt": "1999-01-01T00:00:00Z"}, "no_time"),
    ({"timestamp": "2026-05-01T10:00:00Z", "receivedAt": None}, None),
    ({"anonymousId": "undefined"}, None),
    ({"type": "delete"}, None),
]


def test_staging_rejects_what_is_not_a_message(landing: Landing) -> None:
    nullable = ("type", "anonymousId", "userId", "groupId", "previousId", "timestamp", "receivedAt")
    absent = dict.fromkeys(("userId", "groupId", "previousId"))
    rows = [message() | absent | fields for fields, _ in FIELDS_AND_REASONS]
    landing.write("web/a.parquet", rows, **dict.fromkeys(nullable, pl.String))
    report = landing.ingest()
    reasons = [reason for _, reason in FIELDS_AND_REASONS]
    assert landing.rows(f"select reject_reason {STAGED}") == reasons
    assert report.rows_rejected == len(reasons) - reasons.count(None)


def test_staging_keeps_a_row_whose_properties_are_not_an_object(landing: Landing) -> None:
    texts = ["[1]", '"text"', "3", "{", '{"a":', "null", ""]
    landing.write("web/a.parquet", [message(properties=text) for text in texts])
    landing.ingest()
    assert landing.rows(
        f"select reject_reason, properties, unsound_objects ->> '/properties' {STAGED}"
    ) == [(None, None, text if text not in ("null", "") else None) for text in texts]


def test_staging_a_message_without_id_is_named_by_its_canonical_payload(landing: Landing) -> None:
    row = message(None, properties='{"b": 1, "a": {"d": null, "c": "é"}}')
    rows = [row, message("other"), row]
    landing.write("web/a.parquet", rows, messageId=pl.String)
    landing.write("web/again.parquet", rows, messageId=pl.String)
    landing.ingest()
    payload = {key: value for key, value in row.items() if value is not None}
    payload["properties"] = json.loads(row["properties"])
    canonical = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.md5(canonical.encode()).hexdigest()
    assert landing.rows(
        "select message_id from raw.messages where not is_duplicate order by message_id"
    ) == sorted([f"{digest}-1", f"{digest}-2", "other"])
    assert landing.rows("select count(*) from raw.messages where is_duplicate") == [3]
