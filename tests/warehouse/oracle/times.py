"""When a message happened: parsing of times, and the rules of `occurred_at`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

EPOCH = datetime(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)
ONE_SECOND = 1_000_000

_DATE = r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
_CLOCK = r"(?P<hour>\d{2}):(?P<minute>\d{2})"
_SECOND = r":(?P<second>\d{2})(?:\.(?P<fraction>\d+))?"
_ISO = re.compile(
    rf"{_DATE}[T ]{_CLOCK}(?:{_SECOND})?(?:Z|(?P<offset>[+-]\d{{2}}(?::?\d{{2}})?))?", re.ASCII
)
_GO = re.compile(rf"{_DATE} {_CLOCK}{_SECOND} (?P<offset>[+-]\d{{4}}) .*", re.ASCII)


class Quality(StrEnum):
    """How far `occurred_at` can be trusted."""

    GIVEN = "given"
    COMPUTED = "computed"
    RECEIVED = "received"
    UNPARSABLE = "unparsable"
    FUTURE = "future"


@dataclass(frozen=True)
class MessageTime:
    """When a message happened and arrived, and what the former rests on."""

    occurred_at: datetime
    received_at: datetime
    quality: Quality


def parse_time(text: object) -> int | None:
    """Microseconds since 1970 of an ISO 8601 date-time or Go's format, None when unparsable.

    A time outside the years 1 to 9999 is that bound. An integer, not a datetime: a client may send
    the year 1, and differences must not overflow.
    """
    if not isinstance(text, str):
        return None
    found = _ISO.fullmatch(text) or _GO.fullmatch(text)
    if found is None:
        return None
    # The year 0 is a leap year, as 4 is; what lies in it is the first bound in any case.
    year = int(found["year"])
    try:
        days = date(year or 4, int(found["month"]), int(found["day"])).toordinal()
    except ValueError:
        return None
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    offset = _offset_minutes(found["offset"])
    if offset is None:
        return None
    if year == 0:
        days -= date(5, 1, 1).toordinal() - date(1, 1, 1).toordinal()
    days -= EPOCH.date().toordinal()
    seconds = days * 86400 + (hour * 60 + minute - offset) * 60 + second
    # Cut, not rounded, at the microsecond.
    micros = seconds * ONE_SECOND + int(((found["fraction"] or "") + "000000")[:6])
    return max(EARLIEST, min(micros, LATEST))


def _offset_minutes(text: str | None) -> int | None:
    if text is None:
        return 0
    hours, minutes = int(text[1:3]), int(text[3:].removeprefix(":") or 0)
    if hours > 23 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (-1 if text[0] == "-" else 1)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 of a naive UTC datetime."""
    return (moment - EPOCH) // MICROSECOND


YEAR_2000 = to_micros(datetime(2000, 1, 1))
EARLIEST, LATEST = to_micros(datetime.min), to_micros(datetime.max)


def to_datetime(micros: int) -> datetime:
    """A naive UTC datetime, clamped to what a datetime can hold."""
    return EPOCH + timedelta(microseconds=max(EARLIEST, min(micros, LATEST)))


def later(moment: datetime, by: timedelta) -> datetime:
    """Some time later, but not after the last instant there is."""
    return moment + min(by, datetime.max - moment)


def next_instant(moment: datetime) -> datetime | None:
    """One microsecond later; None, which is an open end, after the last instant there is."""
    return None if moment == datetime.max else moment + MICROSECOND


def message_time(payload: Mapping[str, Any], future_skew: timedelta) -> MessageTime | None:
    """The time of a message, or None when nothing is usable."""
    received = parse_time(payload.get("receivedAt"))
    if received is not None and received < YEAR_2000:
        received = None  # an unparsable or pre-2000 receivedAt is missing
    occurred, quality = _happened(payload, received)
    if occurred is None:
        return None
    if received is None:
        received = occurred
    elif (
        quality in (Quality.GIVEN, Quality.COMPUTED)
        and occurred > received + future_skew // MICROSECOND
    ):
        occurred, quality = received, Quality.FUTURE
    return MessageTime(to_datetime(occurred), to_datetime(received), quality)


def claimed_time(payload: Mapping[str, Any]) -> int | None:
    """When the sender says it happened, believed or not: its timestamp, else what Segment makes."""
    if payload.get("timestamp") not in (None, ""):
        return parse_time(payload["timestamp"])
    received = parse_time(payload.get("receivedAt"))
    sent, original = parse_time(payload.get("sentAt")), parse_time(payload.get("originalTimestamp"))
    if received is None or received < YEAR_2000 or sent is None or original is None:
        return None
    return received - (sent - original)


def _happened(payload: Mapping[str, Any], received: int | None) -> tuple[int | None, Quality]:
    """The time before the check for the future, and its quality."""
    if payload.get("timestamp") not in (None, ""):
        given = parse_time(payload["timestamp"])
        if given is None or given < YEAR_2000:
            return received, Quality.UNPARSABLE
        return given, Quality.GIVEN
    sent, original = parse_time(payload.get("sentAt")), parse_time(payload.get("originalTimestamp"))
    if received is None or sent is None or original is None:
        return received, Quality.RECEIVED
    computed = received - (sent - original)
    if computed < YEAR_2000:
        return received, Quality.UNPARSABLE
    return computed, Quality.COMPUTED
