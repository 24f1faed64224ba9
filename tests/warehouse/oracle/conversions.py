"""Conversions, what a vendor counts of them, and what units did in their windows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.warehouse.oracle.delivery import drop_reason
from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.settings import Conversion, OracleSettings
from tests.warehouse.oracle.triggers import is_match
from tests.warehouse.oracle.values import currency_code, name_text, value_units


@dataclass(frozen=True)
class Happening:
    """A conversion or a refund of somebody; the value is in units of 1/10,000."""

    conversion: str
    message: Message
    person_id: str
    value: int | None
    currency: str | None
    distinct_value: str | None
    is_refund: bool

    @property
    def at(self) -> datetime:
        return self.message.occurred_at

    def row(self) -> dict[str, Any]:
        return {
            "conversion": self.conversion,
            "message_id": self.message.message_id,
            "person_id": self.person_id,
            "converted_at": self.at,
            "value": self.value,
            "currency": self.currency,
        }


@dataclass(frozen=True)
class Outcome:
    """What one unit did in some time; the value sum is in units of 1/10,000, net of refunds."""

    conversions: int = 0
    valued_conversions: int = 0
    value: int = 0
    currencies: frozenset[str] = frozenset()
    first_at: datetime | None = None

    @property
    def converted(self) -> bool:
        return self.conversions > 0


def happenings(
    messages: Iterable[tuple[Message, str | None]], conversion: Conversion
) -> list[Happening]:
    """All conversions and refunds of `conversion` in order, before `distinct_by`."""
    found: list[Happening] = []
    for message, person_id in messages:
        if not message.is_behaviour or person_id is None:
            continue
        if conversion.sources is not None and message.source not in conversion.sources:
            continue
        is_refund = conversion.refund is not None and is_match(conversion.refund, message)
        if not is_refund and not is_match(conversion.trigger, message):
            continue
        value = value_units(message.at(conversion.value)) if conversion.value else None
        if is_refund and value is not None:
            value = -abs(value)
        found.append(
            Happening(
                conversion=conversion.name,
                message=message,
                person_id=person_id,
                value=value,
                currency=currency_code(message.at(conversion.currency))
                if conversion.currency
                else None,
                distinct_value=name_text(message.at(conversion.distinct_by))
                if conversion.distinct_by
                else None,
                is_refund=is_refund,
            )
        )
    return sorted(found, key=lambda one: one.message.order)


def distinct(happened: Iterable[Happening]) -> list[Happening]:
    """Keep the first conversion of a `distinct_by` value; refunds and null never collapse."""
    seen: set[str] = set()
    kept: list[Happening] = []
    for one in sorted(happened, key=lambda one: one.message.order):
        if not one.is_refund and one.distinct_value is not None:
            if one.distinct_value in seen:
                continue
            seen.add(one.distinct_value)
        kept.append(one)
    return kept


def counted_by_vendor(
    happened: Iterable[Happening], vendor: str, settings: OracleSettings
) -> list[Happening]:
    """What a vendor counts: of the messages it received, the first of a `distinct_by` value."""
    if settings.scope == "all":
        return distinct(happened)
    return distinct(one for one in happened if drop_reason(one.message, vendor, settings) is None)


def outcome(done: Iterable[Happening], start: datetime, end: datetime) -> Outcome:
    """What happened in `[start, end)`."""
    inside = [one for one in done if start <= one.at < end]
    converted = [one for one in inside if not one.is_refund]
    added_up = [one for one in inside if not one.is_refund or one.value is not None]
    return Outcome(
        conversions=len(converted),
        valued_conversions=sum(one.value is not None for one in converted),
        value=sum(one.value or 0 for one in inside),
        first_at=min((one.at for one in converted), default=None),
        currencies=frozenset(one.currency for one in added_up if one.currency is not None),
    )
