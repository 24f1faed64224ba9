"""Which texts are times: the SQL of ingest reads what an independent parser in Python reads."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.sql import define_macros
from tests.unit.ingest.conftest import STAGED, Landing, message
from tests.warehouse.oracle.times import parse_time, to_datetime

EPOCH = datetime(1970, 1, 1)


def spellings() -> Iterator[str]:
    """Date-times in every precision and offset, and what only looks like one."""
    dates = [
        "2026-06-01", "2026-6-01", "2026-06-1", "2026-6-1", "2026-02-30", "2024-02-29",
        "0000-01-01", "0001-01-01", "9999-12-31", "1999-12-31", "+2026-06-01", "-026-06-01",
        " 026-06-01", "20260601", "2026-W23-1", "2026/06/01", "10000-01-01",
    ]  # fmt: skip
    clocks = [
        "09:54:49", "9:54:49", "09:5:49", "09:54", "09:54:49.", "09:54:60", "24:00:00", "23:59:59",
        "00:00:00", "095449", "09:54:49,2", " 9:54:49",
        *(f"09:54:49.{'123456789'[:digits]}" for digits in range(1, 10)),
        *(f"23:59:59.{'9' * digits}" for digits in (3, 6, 7, 9, 12)),
        "09:54:49.200", "09:54:49. 00", "09:54:49.2 0", "09:54:49.20 ",
    ]  # fmt: skip
    zones = [
        "Z", "", "z", "+02:00", "+0200", "+02", "-01:00", "+2:00", "+24:00", "+12:60", "+23:59",
        " UTC", " +0000 UTC", " +0200 CEST m=+70366.29", " -0130 X", " +2400 UTC", " +0060 UTC",
    ]  # fmt: skip
    for day in dates:
        for clock in clocks:
            for zone in zones:
                for between in "T ":
                    yield f"{day}{between}{clock}{zone}"
    yield from ("", "2026-06-01", "1777629600", "Fri, 01 May 2026 10:00:00 GMT", "soon", "infinity")
    yield from ("\t2026-06-01T09:54:49Z", "2026-06-01T09:54:49Z ", "2026-06-01T09:54:49Z\n")
    yield from (
        "2026-06-01t09:54:49Z",
        "\uff12026-06-01T09:54:49Z",
        "2026-06-01T09:54:49.1234567890Z",
    )


def test_times_are_read_as_the_oracle_reads_them() -> None:
    texts = sorted(set(spellings()))
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    con.register("landed", pa.table({"text": texts}))
    define_macros(con)
    found = con.execute(
        "select text, epoch_us(bounded_time(parsed_time(text, is_plain_time(text)))) from landed"
    ).fetchall()
    unlike = [(text, micros) for text, micros in found if micros != parse_time(text)]
    assert unlike == []
    assert 1_000 < sum(micros is not None for _, micros in found) < len(found) / 2


@pytest.mark.parametrize("layout", ["raw", "s3"])
def test_times_of_every_precision_follow_one_rule(landing: Landing, layout: str) -> None:
    fractions = ["", *(f".{'123456789'[:digits]}" for digits in range(1, 10))]
    padded = [message(timestamp=f"2026-06-01T09:54:49{fraction}Z") for fraction in fractions]
    unpadded = [message(timestamp=f"2026-6-1T9:54:49{fraction}Z") for fraction in fractions]
    landing.land(layout, padded + unpadded)
    landing.ingest()
    micros = [int(f"{fraction[1:]}000000"[:6]) for fraction in fractions]
    assert landing.rows(f"select given_at, has_timestamp {STAGED}") == [
        *((datetime(2026, 6, 1, 9, 54, 49, micro), True) for micro in micros),
        *((None, True) for _ in unpadded),
    ]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "+02:00"])
def test_times_of_typed_columns_are_cut_at_the_microsecond(
    landing: Landing, unit: str, zone: str | None
) -> None:
    nanos = 1_777_629_600_123_456_789
    value = nanos // {"ms": 1_000_000, "us": 1_000, "ns": 1}[unit]
    columns = {name: [text] for name, text in message().items()}
    columns["timestamp"] = pa.array([value], pa.timestamp(unit, zone))
    pq.write_table(pa.table(columns), landing.place("web/a.parquet"))
    landing.ingest()
    micros = 123_000 if unit == "ms" else 123_456
    assert landing.rows("select given_at from raw.messages") == [
        datetime(2026, 5, 1, 10, 0, 0, micros)
    ]


FIRST, LAST = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999)


BEYOND = {
    "9999-12-31T23:59:59.999-01:00": LAST,
    "0000-12-31T23:59:59.999Z": FIRST,
    "0001-01-01T00:30:00+01:00": FIRST,
}


@pytest.mark.parametrize("layout", ["raw", "s3"])
def test_times_out_of_range_are_the_bound_and_a_finding(landing: Landing, layout: str) -> None:
    landing.land(layout, [message(sentAt=text, receivedAt=text) for text in BEYOND])
    landing.ingest()
    assert landing.rows(f"select sent_at, received_at, repairs {STAGED}") == [
        (bound, bound if bound == LAST else None, "time_out_of_range") for bound in BEYOND.values()
    ]
    for text, bound in BEYOND.items():
        micros = parse_time(text)
        assert micros is not None
        assert to_datetime(micros) == bound


@pytest.mark.parametrize("zone", [None, "UTC"])
@pytest.mark.parametrize(
    ("micros", "kept", "repairs"),
    [
        (2**63 - 1, LAST, "time_out_of_range"),
        ((datetime(9999, 12, 31) - EPOCH) // timedelta(microseconds=1) + 86_400_000_000, LAST,
         "time_out_of_range"),
        ((datetime(2026, 1, 1) - EPOCH) // timedelta(microseconds=1), datetime(2026, 1, 1), None),
    ],
)  # fmt: skip
def test_times_of_typed_columns_out_of_range_are_the_bound(
    landing: Landing, zone: str | None, micros: int, kept: datetime, repairs: str | None
) -> None:
    columns = {name: [text] for name, text in message(properties={"at": 0}).items()}
    for name in ("timestamp", "sentAt"):
        columns[name] = pa.array([micros], pa.timestamp("us", zone))
    columns["properties"] = pa.array(
        [{"at": micros}], pa.struct([("at", pa.timestamp("us", zone))])
    )
    pq.write_table(pa.table(columns), landing.place("web/a.parquet"))
    landing.ingest()
    given, sent, found, properties = landing.rows(
        "select given_at, sent_at, repairs, properties ->> '/at' from raw.messages"
    )[0]
    assert (given, sent, found) == (kept, kept, repairs)
    written = datetime.fromisoformat(properties).astimezone(UTC).replace(tzinfo=None)
    assert written == kept.replace(microsecond=kept.microsecond // 1000 * 1000)


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_times_as_numpy_writes_a_missing_one_are_not_times(
    landing: Landing, zone: str | None
) -> None:
    columns = {name: [text] for name, text in message().items()}
    for name in ("timestamp", "sentAt"):
        columns[name] = pa.array([-(2**63)], pa.timestamp("us", zone))
    pq.write_table(pa.table(columns), landing.place("web/a.parquet"))
    landing.ingest()
    assert landing.rows("select given_at, reject_reason from raw.messages") == [(None, None)]
