"""What figures are broken down by: of each unit, as of its first exposure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from tests.warehouse.oracle.assignments import ALL_SEGMENTS, Assignment, Grain
from tests.warehouse.oracle.exposures import Unit
from tests.warehouse.oracle.facts import Facts
from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.segments import rule_members
from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.oracle.values import canonical, is_number, plain_decimal

TOP_VALUES = 20
NONE, OTHER = "(none)", "(other)"

Values = dict[str, Any]


def breakdowns(
    units: Iterable[Assignment],
    messages: Mapping[str, Message],
    facts: Mapping[str, Facts],
    settings: OracleSettings,
) -> dict[tuple[Grain, Unit], Values]:
    """The values of each unit of a grain by column; texts beyond the most frequent are other.

    Who left on the day they came counts nowhere, not even for what is frequent.
    """
    stayed = [unit for unit in units if not unit.is_gone_at_once(settings.crossover)]
    found = {
        (unit.grain, unit.unit): {
            column: _value(written, unit, messages, facts, settings)
            for written, column in settings.breakdowns.items()
        }
        for unit in stayed
    }
    counts: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for (grain, _), values in found.items():
        if grain.audience_segment == ALL_SEGMENTS:
            for column, value in values.items():
                if isinstance(value, str):
                    counts[grain.vendor, grain.experience, column][value] += 1
    top = {
        key: {
            value
            for value, _ in sorted(count.items(), key=lambda one: (-one[1], one[0]))[:TOP_VALUES]
        }
        for key, count in counts.items()
    }
    return {
        (grain, unit): {
            column: _shown(value, top.get((grain.vendor, grain.experience, column), set()))
            for column, value in values.items()
        }
        for (grain, unit), values in found.items()
    }


def _shown(value: str | bool | None, top: set[str]) -> str | bool:
    if isinstance(value, bool):
        return value
    if value is None:
        return NONE
    return value if value in top else OTHER


def _value(
    written: str,
    unit: Assignment,
    messages: Mapping[str, Message],
    facts: Mapping[str, Facts],
    settings: OracleSettings,
) -> str | bool | None:
    person, moment = facts[unit.counted_view.person_id], unit.first_exposed_at
    if written == "new_or_returning":
        assert person.first_seen_at is not None
        return "new" if person.first_seen_at.date() == moment.date() else "returning"
    if written.startswith("segment:"):
        name = written.removeprefix("segment:")
        spans = list(person.audiences.get(name, []))
        for segment in settings.segments:
            if segment.name == name:
                spans += rule_members(segment.rule, person)
        return any(span.holds(moment) for span in spans)
    if not written.startswith("traits."):
        return _text(messages[unit.counted_view.message_id].at(written))
    _, trait, *keys = written.split(".")
    value: Any = next(iter(person.values("trait", trait, moment)), None)
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, dict | list):
        return canonical(value)
    return _text(value)


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return plain_decimal(value)
    return value if isinstance(value, str) else None
