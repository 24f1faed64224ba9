"""Exposures of the Mutiny adapter, complete and incomplete."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.values import scalar_text

MUTINY_VENDOR = "mutiny"
MUTINY_EVENT = "Mutiny Experience Viewed"
PERSONALIZED = "personalized"
CONTROL = "control"


class IncompleteReason(StrEnum):
    """What an exposure message lacks; judged in this order."""

    EXPERIENCE = "missing_experience"
    AUDIENCE_SEGMENT = "missing_audience_segment"
    ARM = "unknown_personalized"


@dataclass(frozen=True)
class Exposure:
    """One view of an experience, as it was sent."""

    message_id: str
    vendor: str
    experience: str
    audience_segment: str
    variant: str
    arm: str
    person_id: str
    unit_id: str | None
    exposed_at: datetime
    received_at: datetime
    source: str

    @property
    def order(self) -> tuple[datetime, datetime, str]:
        return (self.exposed_at, self.received_at, self.message_id)


@dataclass(frozen=True)
class IncompleteExposure:
    """A view that lacks something: it never counts as control."""

    message_id: str
    vendor: str
    reason: IncompleteReason


def mutiny_exposures(
    messages: Iterable[tuple[Message, str | None]], unit: Callable[[Message, str], str | None]
) -> tuple[list[Exposure], list[IncompleteExposure]]:
    """The exposures among messages and their persons; a message of nobody is outside.

    `unit` tells the unit that a message of a person carries.
    """
    complete: list[Exposure] = []
    incomplete: list[IncompleteExposure] = []
    for message, person_id in messages:
        is_view = message.type == "track" and message.event_name == MUTINY_EVENT
        if not is_view or not message.is_behaviour or person_id is None:
            continue
        experience = scalar_text(message.properties.get("experience"))
        segment = scalar_text(message.properties.get("audienceSegment"))
        arm = _arm(message.properties.get("personalized"))
        if experience is None or segment is None or arm is None:
            if experience is None:
                reason = IncompleteReason.EXPERIENCE
            elif segment is None:
                reason = IncompleteReason.AUDIENCE_SEGMENT
            else:
                reason = IncompleteReason.ARM
            incomplete.append(IncompleteExposure(message.message_id, MUTINY_VENDOR, reason))
            continue
        complete.append(
            Exposure(
                message_id=message.message_id,
                vendor=MUTINY_VENDOR,
                experience=experience,
                audience_segment=segment,
                variant=arm,
                arm=arm,
                person_id=person_id,
                unit_id=unit(message, person_id),
                exposed_at=message.occurred_at,
                received_at=message.received_at,
                source=message.source,
            )
        )
    return complete, incomplete


def _arm(personalized: object) -> str | None:
    if personalized is True or personalized == "true":
        return PERSONALIZED
    if personalized is False or personalized == "false":
        return CONTROL
    return None
