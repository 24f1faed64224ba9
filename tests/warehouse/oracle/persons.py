"""Whose a message is: logins, ownership intervals, names of persons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tests.warehouse.oracle.identity import USER, Identifier, Identity
from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.times import next_instant


@dataclass(frozen=True)
class Interval:
    """Half-open ownership; None is open on that side."""

    person_id: str
    owned_from: datetime | None
    owned_to: datetime | None

    def holds(self, moment: datetime) -> bool:
        return (self.owned_from is None or self.owned_from <= moment) and (
            self.owned_to is None or moment < self.owned_to
        )


class Persons:
    """Persons, and the intervals of every usable identifier."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.intervals: dict[Identifier, list[Interval]] = {}
        self._own_strong()
        self._own_devices()
        self._add_persons_known_only_to_engage()

    def person_of(self, message: Message) -> str | None:
        """The person of the first identifier on the message that has one at its time."""
        for identifier in self.identity.usable(message):
            for interval in self.intervals.get(identifier, []):
                if interval.holds(message.occurred_at):
                    return interval.person_id
        return None

    def _name(self, identifiers: Iterable[Identifier]) -> str:
        """Of the earliest-seen identifier; of a user_id if there is one."""
        identifiers = list(identifiers)
        users = [one for one in identifiers if one.id_type == USER]
        earliest = min(users or identifiers, key=self.identity.seen_order)
        return f"{earliest.id_type}:{earliest.id_value}"

    def _own_strong(self) -> None:
        for strong in self.identity.strong_sets.sets():
            person_id = self._name(strong)
            for identifier in strong:
                self.intervals[identifier] = [Interval(person_id, None, None)]

    def _own_devices(self) -> None:
        logins: defaultdict[Identifier, list[tuple[datetime, str]]] = defaultdict(list)
        for message in self.identity.behaviour:  # in order
            identifiers = self.identity.usable(message)
            strong = [one for one in identifiers if one.is_strong]
            weak = [one for one in identifiers if not one.is_strong]
            if strong and weak:
                person_id = self.intervals[strong[0]][0].person_id
                device = self.identity.devices.find(weak[0])
                logins[device].append((message.occurred_at, person_id))
        for members in self.identity.devices.sets():
            device = self.identity.devices.find(next(iter(members)))
            if device in logins:
                intervals = ownership(logins[device])
            else:
                intervals = [Interval(self._name(members), None, None)]
            for identifier in members:
                self.intervals[identifier] = intervals

    def _add_persons_known_only_to_engage(self) -> None:
        for message in self.identity.messages:
            if not message.is_engage or message.is_excluded:
                continue
            for naming in self.identity.usable(message)[:1]:
                person_id = f"{naming.id_type}:{naming.id_value}"
                self.intervals.setdefault(naming, [Interval(person_id, None, None)])


def ownership(logins: list[tuple[datetime, str]]) -> list[Interval]:
    """The intervals of a device from its logins in order.

    A run of logins by one person ends one microsecond after its last login; the last run never
    ends, nor does one that lasts to the last instant there is. Runs that begin and end at one
    instant leave nothing, and their neighbours may be one.
    """
    cuts: list[tuple[str, datetime | None]] = []
    for index, (moment, person_id) in enumerate(logins):
        is_last = index == len(logins) - 1
        if is_last:
            cuts.append((person_id, None))
        elif logins[index + 1][1] != person_id:
            cuts.append((person_id, next_instant(moment)))
    intervals: list[Interval] = []
    start: datetime | None = None
    for index, (person_id, end) in enumerate(cuts):
        if index and start is None:
            break  # the interval before it never ends
        if start is not None and end == start:
            continue
        if intervals and intervals[-1].person_id == person_id:
            intervals[-1] = Interval(person_id, intervals[-1].owned_from, end)
        else:
            intervals.append(Interval(person_id, start, end))
        start = end
    return intervals
