"""Triggers, and the entries of `exposures:`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

UnitType = Literal["person", "anonymous_id", "user_id", "account"]


@dataclass(frozen=True)
class Trigger:
    """A message of `type`, with `event` after aliases, or `name` for a page or screen."""

    type: str = "track"
    event: str | None = None
    name: str | None = None

    def text(self) -> str:
        parts = [f'type = "{self.type}"']
        if self.event is not None:
            parts.append(f'event = "{self.event}"')
        if self.name is not None:
            parts.append(f'name = "{self.name}"')
        return " and ".join(parts)


@dataclass(frozen=True)
class Entry:
    """One entry of `exposures:`; paths are dotted, or literals with an equals sign before them.

    `vendor`, `trigger` and the paths are of custom entries, and of Abmatic's without the vendor.
    """

    adapter: str = "mutiny"
    vendor: str | None = None
    unit: UnitType | None = None
    sources: tuple[str, ...] | None = None
    trigger: Trigger | None = None
    experience: tuple[str, ...] = ()
    variant: tuple[str, ...] = ()
    audience_segment: tuple[str, ...] = ()
    control_variants: tuple[str, ...] = ("control",)
    baseline: Mapping[str, str] = field(default_factory=lambda: {"*": "off"})


def written_entry(entry: Entry) -> dict[str, Any]:
    """The entry as `lift.yml` has it."""
    written = without_nulls(
        adapter=entry.adapter,
        unit=entry.unit,
        sources=None if entry.sources is None else list(entry.sources),
    )
    if entry.adapter == "split":
        written["baseline"] = dict(entry.baseline)
    elif entry.adapter != "mutiny":
        written["control_variants"] = list(entry.control_variants)
    if entry.trigger is not None:
        written["trigger"] = entry.trigger.text()
        for part in ("experience", "variant", "audience_segment"):
            written[part] = list(getattr(entry, part))
    return written | without_nulls(vendor=entry.vendor)


def without_nulls(**entries: Any) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if value is not None}
