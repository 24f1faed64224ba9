"""Small adversarial worlds of messages: few identifiers, many coincidences."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.warehouse.oracle.landing import TIMES, write_landing
from tests.warehouse.oracle.messages import RawMessage
from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.oracle.times import parse_time
from tests.warehouse.world_adapters import retell
from tests.warehouse.world_calls import Calls
from tests.warehouse.world_crowds import Crowd
from tests.warehouse.world_histories import History
from tests.warehouse.world_households import Household
from tests.warehouse.world_settings import LONG_WINDOW, LOOK_BACK, SHORT_WINDOW, world_settings

__all__ = [
    "random_history", "random_world", "redeliver", "split_over_files", "world_settings",
    "write_landing",
]  # fmt: skip

START = datetime(2026, 5, 1)
LAST = START + timedelta(days=40)  # nothing is received later, but what claims to be of
FUTURE = datetime(2099, 1, 1)  # or of the last instant there is; every run begins before
DAY, SECOND, MICROSECOND = timedelta(days=1), timedelta(seconds=1), timedelta(microseconds=1)


def random_world(rng: Random, prefix: str, settings: OracleSettings) -> list[RawMessage]:
    """Up to 60 messages, or 110 of a crowd, whose every identifier is this world's own."""
    kind = rng.choices([Crowd, Household, Calls], [30, 15, 55])[0]
    return _World(rng, prefix, settings, kind(rng, prefix)).messages()


def random_history(rng: Random, prefix: str, settings: OracleSettings) -> list[RawMessage]:
    """2 to 40 messages that say who is who and little else, all of identifiers of their own."""
    return _World(rng, prefix, settings, History(rng, prefix)).messages()


class _World:
    def __init__(self, rng: Random, prefix: str, settings: OracleSettings, payloads: Calls) -> None:
        self.rng = rng
        self.prefix = prefix
        self.payloads = payloads
        self.has_many_adapters = len(settings.entries_by_vendor) > 1
        self.sources = [*settings.sources, "unlisted"]
        if payloads.hours:
            self.sources += ["web", "product"] * 6
        self.moments = self._moments()
        self.sent: list[RawMessage] = []
        self.weights = payloads.weights()

    def messages(self) -> list[RawMessage]:
        calls, weights = list(self.weights), list(self.weights.values())
        for _ in range(self.rng.randint(*self.payloads.size)):
            if self.sent and self.rng.random() < 0.06:
                self._send_again()
                continue
            call = self.rng.choices(calls, weights)[0]
            payload = call()
            self._send(retell(self.rng, payload) if self.has_many_adapters else payload)
        return [self._settled(message) for message in self.sent]

    # ---- sending ----------------------------------------------------------------------------

    def _send(self, payload: dict[str, Any]) -> None:
        if self.rng.random() > 0.04:
            payload["messageId"] = f"{self.prefix}-m{self.rng.randrange(10**6):06}"
        elif self.rng.random() < 0.5:
            payload["messageId"] = self.rng.choice([None, ""])
        if "userId" not in payload and "anonymousId" not in payload:
            self.payloads.sign(payload)
        self.payloads.belong(payload)
        self._stamp(payload)
        context = payload.setdefault("context", {})
        if isinstance(context, dict):
            self.payloads.frame(context)
        integrations = self.payloads.integrations()
        if integrations is not None:
            payload["integrations"] = integrations
        source = self.rng.choice(self.sources)
        self._append(source, payload)

    def _append(self, source: str, payload: dict[str, Any]) -> None:
        row = 1 + sum(message.source == source for message in self.sent)
        self.sent.append(RawMessage(source, f"{self.prefix}-0", row, payload))

    def _send_again(self) -> None:
        """A copy: equal, or the same id with another time, payload or source."""
        original = self.rng.choice(self.sent)
        payload, source = copy.deepcopy(original.payload), original.source
        if self.rng.random() < 0.7:
            change = self.rng.randrange(5)
            if change == 0:
                payload["receivedAt"] = self._text(self._moment())
            elif change == 1:
                payload["properties"] = self.payloads.view()["properties"]
            elif change == 2:
                payload["userId"] = self.payloads.user()
            elif change == 3:
                payload["timestamp"] = self._text(self._moment())
            source = self.rng.choice([source, *self.sources])
        self._append(source, payload)

    def _settled(self, message: RawMessage) -> RawMessage:
        """Without what a column of a file cannot keep apart where the digest decides.

        A number in a column of text is text: equal as an identifier, another digest.
        """
        payload = message.payload
        identity = payload.get("messageId")
        is_shared = sum(other.payload.get("messageId") == identity for other in self.sent) > 1
        if not isinstance(payload.get("userId"), int) or (identity and not is_shared):
            return message
        return replace(message, payload={**payload, "userId": str(payload["userId"])})

    # ---- times ------------------------------------------------------------------------------

    def _moments(self) -> list[datetime]:
        """A few instants, with window ends, neighbours and midnights among them."""
        if self.payloads.hours:
            first = START + timedelta(hours=self.rng.randrange(18 * 24))
            return [first + timedelta(hours=hour) for hour in self.payloads.hours]
        moments = []
        for _ in range(self.rng.randint(2, 5)):
            anchor = START + timedelta(hours=self.rng.randrange(20 * 24))
            if self.rng.random() < 0.3:
                anchor = anchor.replace(hour=0)
            moments += [anchor, anchor, anchor + MICROSECOND, anchor + timedelta(hours=3)]
            for window in (SHORT_WINDOW, LONG_WINDOW):
                moments += [anchor + window - MICROSECOND, anchor + window]
            if not isinstance(self.payloads, History):  # where nobody is exposed
                moments += [anchor - LOOK_BACK - MICROSECOND, anchor - LOOK_BACK]
        if self.payloads.tells_profiles:  # the edges of the last day, too
            moments += [LAST - SHORT_WINDOW, LAST - DAY, LAST - DAY + MICROSECOND, LAST]
        return moments

    def _moment(self) -> datetime:
        return self.rng.choice(self.moments)

    def _text(self, moment: datetime) -> str:
        """A moment in one of the spellings of ISO 8601 and Go, all of the same instant."""
        style = self.rng.randrange(12)
        if style == 0:
            offset = timedelta(hours=2)
            return (moment + offset).isoformat() + self.rng.choice(["+02:00", "+0200"])
        if style == 1:
            return moment.isoformat(sep=" ")
        if style == 2:
            return moment.strftime("%Y-%m-%d %H:%M:%S.%f") + " +0000 UTC"
        if style == 3:
            return moment.isoformat(timespec="microseconds") + "987Z"  # cut, not rounded
        if style == 4 and moment.second == moment.microsecond == 0:
            return moment.strftime("%Y-%m-%dT%H:%MZ")
        return moment.isoformat() + "Z"

    def _stamp(self, payload: dict[str, Any]) -> None:
        occurred = self._moment()
        lag = self.rng.choice([timedelta(0), timedelta(0), SECOND, timedelta(hours=5), LONG_WINDOW])
        received = min(occurred + lag, LAST)
        received = self.rng.choice([received, received, START + timedelta(days=24)])
        payload["receivedAt"] = self._text(received)
        chance = self.rng.random()
        if chance < 0.80:
            payload["timestamp"] = self._text(occurred)
        elif chance < 0.86:
            sent = received - timedelta(days=self.rng.choice([0, 1, -1]))
            payload["sentAt"] = self._text(sent)
            payload["originalTimestamp"] = self._text(sent - (received - occurred))
            payload["timestamp"] = self.rng.choice([None, ""])
        elif chance < 0.88:
            payload["sentAt"] = self.rng.choice(["0001-01-01T00:00:00Z", "", "yesterday"])
            payload["originalTimestamp"] = self._text(occurred)
        elif chance < 0.90:
            payload["sentAt"] = self._text(received)
            payload["originalTimestamp"] = "0001-01-01T00:00:00Z"
        elif chance < 0.94:
            payload["timestamp"] = self.rng.choice(
                [
                    "2026-02-01T10:00:00Z",  # long before all others, and read as given
                    "1777593600000",
                    "Sat, 09 May 2026 10:00:00 GMT",
                    "1999-12-31T23:59:59.999999Z",
                    "2000-01-01T00:30:00+01:00",
                    "2026-02-30T00:00:00Z",
                    "2026-05-09T24:00:00Z",
                ]
            )
        elif chance < 0.97:  # the future: beyond, and exactly at, what is forgiven
            ahead = self.rng.choice([timedelta(minutes=5), timedelta(minutes=5) + MICROSECOND])
            payload["timestamp"] = self._text(received + ahead)
        if self.rng.random() < 0.05:
            payload["receivedAt"] = self.rng.choice(
                [None, "", "soon", "1999-01-01T00:00:00Z", "2026-05-09"]
            )
        if self.payloads.odd.random() < 0.01:
            is_last = isinstance(self.payloads, History) and self.payloads.odd.random() < 0.5
            future = (datetime.max if is_last else FUTURE).isoformat() + "Z"
            payload["receivedAt"] = future
            if self.payloads.odd.random() < 0.5:
                payload["timestamp"] = future


def split_over_files(rng: Random, messages: Sequence[RawMessage], files: int) -> list[RawMessage]:
    """The same messages in another order, over `files` files a source, numbered anew.

    Beside those a source has a file whose times all parse, and one whose userIds are all numbers:
    such columns can land typed.
    """
    shuffled = list(messages)
    rng.shuffle(shuffled)
    rows: dict[tuple[str, str], int] = {}
    copies = Counter(message.payload.get("messageId") for message in messages)
    placed = []
    for message in shuffled:
        file = f"part-{rng.randrange(files):03}"
        if copies[message.payload.get("messageId")] == 1 and _has_only_times(message.payload):
            if isinstance(message.payload.get("userId"), int):
                file = "numbers"
            elif rng.random() < 0.3:
                file = "times"
        key = (message.source, file)
        rows[key] = rows.get(key, 0) + 1
        placed.append(RawMessage(*key, rows[key], message.payload))
    return placed


def _has_only_times(payload: dict[str, Any]) -> bool:
    times = [payload.get(name) for name in TIMES]
    return bool(payload.get("messageId")) and all(
        time is None or parse_time(time) is not None for time in times
    )


def redeliver(rng: Random, messages: Sequence[RawMessage], files: int) -> list[RawMessage]:
    """`messages` and copies of `files` of their files under other names: nothing new."""
    landed = sorted({(message.source, message.file) for message in messages})
    again = rng.sample(landed, min(files, len(landed)))
    return [
        *messages,
        *(
            replace(message, file=f"{message.file}-again")
            for message in messages
            if (message.source, message.file) in again
        ),
    ]
