"""Hand-computed examples of when a message happened."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.warehouse.oracle.times import message_time, parse_time, to_datetime

SKEW = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10)),
        ("2026-05-01T10:00:00", datetime(2026, 5, 1, 10)),
        ("2026-05-01 10:00", datetime(2026, 5, 1, 10)),
        ("2026-05-01T12:00:00+02:00", datetime(2026, 5, 1, 10)),
        ("2026-05-01T04:30:00-0530", datetime(2026, 5, 1, 10)),
        ("2026-05-01T10:00:00.1234569Z", datetime(2026, 5, 1, 10, 0, 0, 123456)),
        ("2026-05-01T10:00:00.5Z", datetime(2026, 5, 1, 10, 0, 0, 500000)),
        ("2020-05-09 23:54:49.2 +0000 UTC", datetime(2020, 5, 9, 23, 54, 49, 200000)),
        ("2020-05-09 23:54:49 +0200 CEST m=+0.5", datetime(2020, 5, 9, 21, 54, 49)),
    ],
)
def test_date_times_parse_to_the_microsecond(text: str, expected: datetime) -> None:
    micros = parse_time(text)
    assert micros is not None
    assert to_datetime(micros) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-01",
        "1777593600000",
        1777593600000,
        "Fri, 01 May 2026 10:00:00 GMT",
        "2026-02-30T10:00:00Z",
        "2026-05-01T24:00:00Z",
        "2026-05-01T10:00:60Z",
        "2026-05-01T10:00:00Z ",
        "tomorrow",
        None,
    ],
)
def test_other_texts_are_unparsable(text: object) -> None:
    assert parse_time(text) is None


RECEIVED = "2026-05-02T00:00:00Z"


def happened(**payload: object) -> tuple[str, str, str] | None:
    time = message_time(payload, SKEW)
    if time is None:
        return None
    return time.occurred_at.isoformat(), time.received_at.isoformat(), time.quality.value


def test_given_time_is_taken() -> None:
    assert happened(timestamp="2026-05-01T10:00:00Z", receivedAt=RECEIVED) == (
        "2026-05-01T10:00:00",
        "2026-05-02T00:00:00",
        "given",
    )


@pytest.mark.parametrize("text", ["2026-05-01", "1999-12-31T23:59:59Z", "2000-01-01T00:30+01:00"])
def test_unparsable_or_old_timestamp_becomes_the_receipt(text: str) -> None:
    expected = ("2026-05-02T00:00:00", "2026-05-02T00:00:00", "unparsable")
    assert happened(timestamp=text, receivedAt=RECEIVED) == expected


@pytest.mark.parametrize("absent", ["", None])
def test_absent_timestamp_is_computed(absent: object) -> None:
    # Sent an hour after it happened, by a clock that is days off: an hour before the receipt.
    computed = happened(
        timestamp=absent,
        receivedAt=RECEIVED,
        sentAt="2026-06-01T13:00:00Z",
        originalTimestamp="2026-06-01T12:00:00Z",
    )
    assert computed == ("2026-05-01T23:00:00", "2026-05-02T00:00:00", "computed")


def test_absent_timestamp_without_all_three_is_the_receipt() -> None:
    expected = ("2026-05-02T00:00:00", "2026-05-02T00:00:00", "received")
    assert happened(receivedAt=RECEIVED, sentAt="2026-06-01T13:00:00Z") == expected
    assert happened(receivedAt=RECEIVED, sentAt="x", originalTimestamp=RECEIVED) == expected


def test_computed_time_before_2000_is_unparsable() -> None:
    time = happened(receivedAt=RECEIVED, sentAt=RECEIVED, originalTimestamp="0001-01-01T00:00:00Z")
    assert time == ("2026-05-02T00:00:00", "2026-05-02T00:00:00", "unparsable")


def test_computed_time_far_ahead_is_future() -> None:
    time = happened(receivedAt=RECEIVED, sentAt="0001-01-01T00:00:00Z", originalTimestamp=RECEIVED)
    assert time == ("2026-05-02T00:00:00", "2026-05-02T00:00:00", "future")


def test_future_begins_after_the_forgiven_skew() -> None:
    exactly = happened(timestamp="2026-05-02T00:05:00Z", receivedAt=RECEIVED)
    assert exactly == ("2026-05-02T00:05:00", "2026-05-02T00:00:00", "given")
    beyond = happened(timestamp="2026-05-02T00:05:00.000001Z", receivedAt=RECEIVED)
    assert beyond == ("2026-05-02T00:00:00", "2026-05-02T00:00:00", "future")


@pytest.mark.parametrize("received", [None, "", "soon", "1999-01-01T00:00:00Z"])
def test_missing_receipt_takes_the_occurrence(received: object) -> None:
    expected = ("2026-05-01T10:00:00", "2026-05-01T10:00:00", "given")
    assert happened(timestamp="2026-05-01T10:00:00Z", receivedAt=received) == expected


def test_nothing_usable_has_no_time() -> None:
    assert happened() is None
    assert happened(timestamp="yesterday", receivedAt="soon") is None
    assert happened(sentAt=RECEIVED, originalTimestamp=RECEIVED) is None
