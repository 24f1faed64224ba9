"""What is known of one person, and what of it holds at an instant."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.warehouse.oracle.entries import Trigger
from tests.warehouse.oracle.rules import (
    Compare,
    Count,
    Every,
    InAudience,
    Not,
    Rule,
    Some,
    is_so,
    ordered,
)
from tests.warehouse.oracle.settings import CrmRow
from tests.warehouse.oracle.spans import Span
from tests.warehouse.oracle.times import later

History = list[tuple[datetime, Any]]


@dataclass
class Facts:
    """All histories in order; of a stay at an account, that of the account's traits."""

    first_seen_at: datetime | None = None
    traits: dict[str, History] = field(default_factory=dict)
    audiences: dict[str, list[Span]] = field(default_factory=dict)
    audiences_told_at: list[datetime] = field(default_factory=list)
    stays: list[tuple[Span, History]] = field(default_factory=list)
    events: dict[Trigger, list[datetime]] = field(default_factory=dict)
    crm: tuple[CrmRow, ...] = ()

    @property
    def known_from(self) -> datetime | None:
        """When somebody first did anything, else when anything was first said of them."""
        told = [moment for history in self.traits.values() for moment, _ in history]
        return self.first_seen_at or min(told + self.audiences_told_at, default=None)

    def instants(self, withins: set[timedelta]) -> set[datetime]:
        """Every instant at which anything can change."""
        found = {moment for history in self.traits.values() for moment, _ in history}
        found |= set(self.audiences_told_at)
        for stay, account in self.stays:
            found |= {moment for moment in stay if moment is not None}
            found |= {moment for moment, _ in account}
        happened = {moment for moments in self.events.values() for moment in moments}
        found |= happened | {later(moment, within) for moment in happened for within in withins}
        found |= {row.holds_from for row in self.crm if row.holds_from is not None}
        if self.known_from is not None:
            found.add(self.known_from)
        return found

    def holds(self, rule: Rule, moment: datetime) -> bool:
        """Whether the rule is true of the person at that instant."""
        match rule:
            case Every(rules):
                return all(self.holds(inner, moment) for inner in rules)
            case Some(rules):
                return any(self.holds(inner, moment) for inner in rules)
            case Not(inner):
                return not self.holds(inner, moment)
            case InAudience(key):
                return any(span.holds(moment) for span in self.audiences.get(key, []))
            case Count():
                return ordered(self.count(rule, moment), rule.op, rule.count)
            case Compare(kind, name, op, value):
                return is_so(self.values(kind, name, moment), op, value)

    def count(self, rule: Count, moment: datetime) -> int:
        """How many have happened; the instant `within` after one, it counts no more."""
        return sum(
            at <= moment and (rule.within is None or moment - at < rule.within)
            for at in self.events.get(rule.trigger, [])
        )

    def values(self, kind: str, name: str, moment: datetime) -> list[Any]:
        """The values of a field that are there: one of a trait, one per account or record."""
        if kind == "trait":
            values = [_latest(self.traits.get(name, []), moment)]
        elif kind == "account":
            values = [
                (_latest(account, moment) or {}).get(name)
                for stay, account in self.stays
                if stay.holds(moment)
            ]
        else:
            values = [row.fields.get(name) for row in self.records(kind, moment)]
        return [value for value in values if value is not None]

    def records(self, kind: str, moment: datetime) -> list[CrmRow]:
        """The leads or contacts of the email of that time; an email with a contact has no lead."""
        email = _latest(self.traits.get("email", []), moment)
        if not isinstance(email, str):
            return []
        mine = [row for row in self.crm if row.email.strip().lower() == email.strip().lower()]
        if kind == "lead" and any(row.kind == "contact" for row in mine):
            return []
        return [
            row
            for row in mine
            if row.kind == kind and (row.holds_from is None or row.holds_from <= moment)
        ]


def _latest(history: History, moment: datetime) -> Any:
    """The last value of a history at an instant, None before the first."""
    values = [value for since, value in history if since <= moment]
    return values[-1] if values else None
