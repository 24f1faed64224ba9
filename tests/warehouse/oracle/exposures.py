"""Exposures of every adapter, complete and incomplete: who takes a message, and as what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from tests.warehouse.oracle.entries import Entry, UnitType
from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.oracle.triggers import is_match
from tests.warehouse.oracle.values import name_text

PERSONALIZED = "personalized"
CONTROL = "control"
RESERVED = frozenset({"(all)", "(none)", "(other)"})
EVENTS = {
    "mutiny": "Mutiny Experience Viewed",
    "split": "get_treatment",
    "segment_experiment": "Experiment Viewed",
}
EXPERIMENT = {
    "experiment_name": ("experiment_name", "experimentName"),
    "experiment_id": ("experiment_id", "experimentId", "experimentID"),
    "variation_name": ("variation_name", "variationName", "variant_name", "variantName"),
    "variation_id": ("variation_id", "variationId", "variationID", "variant_id", "variantId"),
}


class IncompleteReason(StrEnum):
    """Why an exposure message is incomplete; judged in this order."""

    EXPERIENCE = "missing_experience"
    AUDIENCE_SEGMENT = "missing_audience_segment"  # Mutiny alone always has one
    VARIANT = "missing_variant"
    ARM = "unknown_personalized"
    RESERVED = "reserved_name"


class Unit(NamedTuple):
    """What counts once."""

    unit_type: UnitType
    unit_id: str


@dataclass(frozen=True)
class Exposure:
    """One view of an experience; `arm` is its variant's, `sent_arm` what the message says."""

    message_id: str
    vendor: str
    experience: str
    audience_segment: str | None
    variant: str
    arm: str
    sent_arm: str
    person_id: str
    unit: Unit | None
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


@dataclass(frozen=True)
class Said:
    """What a message says by the rules of an adapter."""

    experience: str | None
    audience_segment: str | None
    variant: str | None
    arm: str | None
    reason: IncompleteReason | None


def find_exposures(
    messages: Iterable[tuple[Message, str | None]],
    settings: OracleSettings,
    unit: Callable[[Message, str, UnitType], Unit | None],
) -> tuple[list[Exposure], list[IncompleteExposure]]:
    """The exposures among messages and their persons; a message of nobody is outside.

    `unit` finds the unit of a type that a message of a person carries.
    """
    complete: list[Exposure] = []
    incomplete: list[IncompleteExposure] = []
    for message, person_id in messages:
        if not message.is_behaviour or person_id is None:
            continue
        for vendor, entries in settings.entries_by_vendor.items():
            matching = [entry for entry in entries if takes(entry, message, settings)]
            if not matching:
                continue
            carried = [unit(message, person_id, settings.unit_type(one)) for one in matching]
            place = next((i for i, found in enumerate(carried) if found is not None), 0)
            said = read_view(matching[place], message)
            if said.reason is not None:
                incomplete.append(IncompleteExposure(message.message_id, vendor, said.reason))
                continue
            assert said.experience is not None
            assert said.variant is not None
            assert said.arm is not None
            complete.append(
                Exposure(
                    message_id=message.message_id,
                    vendor=vendor,
                    experience=said.experience,
                    audience_segment=said.audience_segment,
                    variant=said.variant,
                    arm=said.arm,
                    sent_arm=said.arm,
                    person_id=person_id,
                    unit=carried[place],
                    exposed_at=message.occurred_at,
                    received_at=message.received_at,
                    source=message.source,
                )
            )
    return _with_one_arm_per_variant(complete), incomplete


def takes(entry: Entry, message: Message, settings: OracleSettings) -> bool:
    """Whether a message is a view by the trigger and the sources of an entry."""
    if entry.sources is not None and message.source not in entry.sources:
        return False
    if entry.trigger is not None:
        return is_match(entry.trigger, message)
    if message.type != "track" or message.event_name != EVENTS[entry.adapter]:
        return False
    if entry.adapter != "split":
        return True
    source = settings.sources.get(message.source)
    expected = None if source is None else source.environment
    sent = _first(message, "environmentName")
    is_elsewhere = expected is not None and sent is not None and sent != expected
    return not is_elsewhere and _first(message, "treatment") != "control"  # the SDK was not ready


def _with_one_arm_per_variant(exposures: list[Exposure]) -> list[Exposure]:
    """A variant is control if any of its views in the experience says control."""
    said: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for view in exposures:
        said[view.vendor, view.experience, view.variant].add(view.sent_arm)
    return [
        replace(
            view,
            arm=CONTROL
            if CONTROL in said[view.vendor, view.experience, view.variant]
            else PERSONALIZED,
        )
        for view in exposures
    ]


def read_view(entry: Entry, message: Message) -> Said:
    segment: str | None = None
    lacks_segment = False
    if entry.adapter == "mutiny":
        experience, segment = _first(message, "experience"), _first(message, "audienceSegment")
        lacks_segment = segment is None
        variant = arm = _personalized(message.properties.get("personalized"))
        unknown = IncompleteReason.ARM
    else:
        experience, segment, variant, is_control = _described(entry, message)
        arm = CONTROL if is_control else PERSONALIZED
        unknown = IncompleteReason.VARIANT
    reasons = (
        (experience is None, IncompleteReason.EXPERIENCE),
        (lacks_segment, IncompleteReason.AUDIENCE_SEGMENT),
        (variant is None, unknown),
        (bool({experience, segment, variant} & RESERVED), IncompleteReason.RESERVED),
    )
    reason = next((reason for holds, reason in reasons if holds), None)
    return Said(experience, segment, variant, arm, reason)


def _described(entry: Entry, message: Message) -> tuple[str | None, str | None, str | None, bool]:
    """Experience, audience segment, variant, and whether that is a control."""
    if entry.adapter == "split":
        flag, treatment = _first(message, "split"), _first(message, "treatment")
        baseline = entry.baseline.get(flag or "", entry.baseline.get("*", "off"))
        return flag, None, treatment, treatment == baseline
    if entry.adapter == "segment_experiment":
        said = {part: _first(message, *names) for part, names in EXPERIMENT.items()}
        variants = [said["variation_name"], said["variation_id"]]
        experience = said["experiment_name"] or said["experiment_id"]
        segment = None
    else:
        variants = [_at(message, path) for path in entry.variant]
        experience = next(filter(None, (_at(message, path) for path in entry.experience)), None)
        segment = next(filter(None, (_at(message, path) for path in entry.audience_segment)), None)
    is_control = any(variant in entry.control_variants for variant in variants)
    return experience, segment, next(filter(None, variants), None), is_control


def _at(message: Message, path: str) -> str | None:
    return path[1:] if path.startswith("=") else name_text(message.at(path))


def _first(message: Message, *names: str) -> str | None:
    return next(filter(None, (name_text(message.properties.get(name)) for name in names)), None)


def _personalized(sent: object) -> str | None:
    if sent is True or sent == "true":
        return PERSONALIZED
    if sent is False or sent == "false":
        return CONTROL
    return None
