"""Messages in a few words a line, with the person each should belong to at its end.

    1 page     a=D1          -> user_id:U1
    2 identify a=D1 u=U1     -> user_id:U1

The number is the hour of the message and its id. `a` is the anonymousId, `u` the userId, `p` the
previousId, `m` the trait mutinyVisitorId, `e` the trait email, `r` the hour of receipt where it is
another. Identifiers are the story's own, so that stories share a warehouse; one written `!null`
stands as it is, because such a value must identify nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.warehouse.oracle.messages import RawMessage

START = datetime(2026, 5, 1)
MICROSECOND = timedelta(microseconds=1)
NOBODY = "nobody"
TYPES = {"a": "anonymous_id", "u": "user_id", "m": "mutiny_visitor_id", "e": "email"}
FIELDS = {"a": "anonymousId", "u": "userId", "p": "previousId"}
TRAITS = {"m": "mutinyVisitorId", "e": "email"}

Owner = tuple[str, str, str | None, datetime | None, datetime | None, bool]


@dataclass(frozen=True)
class Line:
    """One message of a story."""

    hour: int
    call: str
    identifiers: dict[str, str]
    received: int
    person: str | None


@dataclass(frozen=True)
class Story:
    """Messages, who they belong to, and the owners of identifiers that change hands.

    `owners` has an entry per interval: `a=D1 ..3 user_id:U1` ends right after the login of hour 3,
    `a=D1 3.. user_id:U2` begins there, `a=D1 hub` belongs to nobody. An identifier that is not
    listed belongs to the person of its messages for ever; one known from a previousId is listed.
    """

    name: str
    text: str
    owners: str = ""
    findings: frozenset[str] = frozenset()
    merge_on_email: bool = False

    @property
    def prefix(self) -> str:
        """What all identifiers and message ids of this story begin with."""
        words = "".join(letter if letter.isalnum() else " " for letter in self.name.lower())
        return "-".join(words.split()) + "/"

    def lines(self) -> list[Line]:
        """The messages in the order they are told."""
        return [_line(text) for text in self.text.strip().splitlines()]

    def messages(self) -> Iterator[RawMessage]:
        """What is landed, in a file of the story's own."""
        for row, line in enumerate(self.lines(), start=1):
            yield RawMessage("web", self.prefix[:-1], row, self._payload(line))

    def persons(self) -> dict[int, str | None]:
        """The person of each message."""
        return {line.hour: line.person for line in self.lines()}

    def identifier_owners(self) -> set[Owner]:
        """Every row of `dim_identifiers` that this story should have."""
        listed = {_owner(*row.split()) for row in self.owners.split(",") if row.strip()}
        changing = {row[:2] for row in listed}
        return listed | {
            (*identifier, person, None, None, False)
            for line in self.lines()
            for identifier, person in self._placed(line)
            if identifier not in changing
        }

    def _placed(self, line: Line) -> Iterator[tuple[tuple[str, str], str | None]]:
        for key, value in line.identifiers.items():
            identifies = key in TYPES and (key != "e" or self.merge_on_email)
            if identifies and not value.startswith("!"):
                yield (TYPES[key], value), line.person

    def _payload(self, line: Line) -> dict[str, Any]:
        values = {key: self._written(value) for key, value in line.identifiers.items()}
        return {
            "messageId": f"{self.prefix}{line.hour}",
            "type": line.call,
            "timestamp": _time(line.hour).isoformat() + "Z",
            "receivedAt": _time(line.received).isoformat() + "Z",
            "traits": {TRAITS[key]: value for key, value in values.items() if key in TRAITS},
            **{FIELDS[key]: value for key, value in values.items() if key in FIELDS},
        }

    def _written(self, value: str) -> str:
        return value[1:] if value.startswith("!") else self.prefix + value


def _line(text: str) -> Line:
    told, person = text.split("->")
    hour, call, *words = told.split()
    values = dict(word.split("=", 1) for word in words)
    return Line(
        hour=int(hour),
        call=call,
        received=int(values.pop("r", hour)),
        identifiers=values,
        person=None if person.strip() == NOBODY else person.strip(),
    )


def _owner(identifier: str, interval: str, person: str | None = None) -> Owner:
    key, value = identifier.split("=", 1)
    if interval == "hub":
        return TYPES[key], value, None, None, None, True
    owned_from, owned_to = (
        _time(int(hour)) + MICROSECOND if hour else None for hour in interval.split("..")
    )
    return TYPES[key], value, person, owned_from, owned_to, False


def _time(hour: int) -> datetime:
    return START + timedelta(hours=hour)
