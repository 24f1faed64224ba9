"""User segments: who is a member of which when, by audience, by rule and by what was served."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.warehouse.oracle import accounts
from tests.warehouse.oracle.audiences import AudienceChange, audience_members
from tests.warehouse.oracle.exposures import Exposure
from tests.warehouse.oracle.facts import Facts
from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.rules import Compare, Count, Rule, leaves
from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.oracle.spans import Span, spans
from tests.warehouse.oracle.times import next_instant
from tests.warehouse.oracle.traits import TraitChange
from tests.warehouse.oracle.triggers import is_match

Row = dict[str, Any]
Placed = tuple[Message, str | None]
ANY_TIME = datetime(2000, 1, 1)


def known_facts(
    placed: Iterable[Placed],
    first_seen: Mapping[str, datetime | None],
    traits: Iterable[TraitChange],
    audiences: Iterable[AudienceChange],
    settings: OracleSettings,
) -> dict[str, Facts]:
    """What is known of each person of `first_seen`."""
    placed, audiences = sorted(placed, key=lambda one: one[0].order), list(audiences)
    found = {
        person_id: Facts(first_seen_at=seen, crm=settings.crm)
        for person_id, seen in first_seen.items()
    }
    for change in traits:
        history = found[change.person_id].traits.setdefault(change.trait, [])
        history.append((change.message.occurred_at, change.value))
    for told in audiences:
        found[told.person_id].audiences_told_at.append(told.changed_at)
    for (person_id, audience), members in audience_members(audiences).items():
        found[person_id].audiences[audience] = members
    histories = accounts.trait_histories(placed)
    for (person_id, account_id), stays in accounts.stays(placed).items():
        found[person_id].stays += [(stay, histories.get(account_id, [])) for stay in stays]
    for trigger in {leaf.trigger for leaf in _leaves(settings) if isinstance(leaf, Count)}:
        for message, person in placed:
            if person is not None and message.is_behaviour and is_match(trigger, message):
                found[person].events.setdefault(trigger, []).append(message.occurred_at)
    return found


def _leaves(settings: OracleSettings) -> list[Any]:
    return [leaf for segment in settings.segments for leaf in leaves(segment.rule)]


def rule_members(rule: Rule, facts: Facts) -> list[Span]:
    """When the rule holds: it is looked at whenever anything of the person may change.

    A rule that holds of somebody of whom nothing is known holds from when they are first known,
    and of nobody who never is.
    """
    withins: set[timedelta] = {
        leaf.within for leaf in leaves(rule) if isinstance(leaf, Count) and leaf.within is not None
    }
    instants = sorted(facts.instants(withins))
    if Facts().holds(rule, ANY_TIME):
        start = facts.known_from
        instants = [moment for moment in instants if start is not None and start <= moment]
    return spans((moment, facts.holds(rule, moment)) for moment in instants)


def memberships(
    facts: Mapping[str, Facts],
    exposures: Iterable[Exposure],
    as_of: datetime | None,
    started_at: datetime,
    settings: OracleSettings,
) -> list[Row]:
    """One row per person, user segment, origin, vendor and interval."""
    rows = [
        _row(person_id, audience, "audience", None, known_by(span, as_of))
        for person_id, known in facts.items()
        for audience, members in known.audiences.items()
        for span in members
    ]
    rows += [
        _row(person_id, segment.name, "rule", None, known_by(span, as_of))
        for segment in settings.segments
        for person_id, known in facts.items()
        for span in rule_members(segment.rule, known)
        if as_of is not None and span.start <= as_of
    ]
    return rows + _served(exposures, as_of, started_at, settings)


def known_by(span: Span, as_of: datetime | None) -> Span:
    """What ends after as-of has not ended yet."""
    is_later = span.end is not None and (as_of is None or span.end > as_of)
    return Span(span.start, None) if is_later else span


def _served(
    exposures: Iterable[Exposure],
    as_of: datetime | None,
    started_at: datetime,
    settings: OracleSettings,
) -> list[Row]:
    """One interval per person and what was served, to one microsecond after the last view.

    A view received later than the start of the run does not move the end.
    """
    views: defaultdict[tuple[str, str, str], list[Exposure]] = defaultdict(list)
    for view in exposures:
        if view.audience_segment is None:
            continue
        audience = settings.segment_name(view.audience_segment)
        key = (view.person_id, f"{view.experience} / {audience}", view.vendor)
        views[key].append(view)
    return [
        _row(
            person_id,
            name,
            "served",
            vendor,
            known_by(
                Span(min(one.exposed_at for one in seen), _served_to(seen, started_at)), as_of
            ),
        )
        for (person_id, name, vendor), seen in views.items()
    ]


def _served_to(views: Iterable[Exposure], started_at: datetime) -> datetime | None:
    received = [view.exposed_at for view in views if view.received_at <= started_at]
    return next_instant(max(received)) if received else None


def _row(person_id: str, name: str, origin: str, vendor: str | None, span: Span) -> Row:
    return {
        "person_id": person_id,
        "user_segment": name,
        "origin": origin,
        "vendor": vendor,
        "member_from": span.start,
        "member_to": span.end,
    }


def segment_rows(
    members: Iterable[Row], as_of: datetime | None, settings: OracleSettings
) -> list[Row]:
    """One row per user segment and origin: all that are configured, and all that had a member."""
    by_segment: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in members:
        by_segment[row["user_segment"], row["origin"]].append(row)
    retrospective = {
        (segment.name, "rule"): not settings.crm_has_history and reads_crm(segment.rule)
        for segment in settings.segments
    }
    configured = {(key, "audience") for key in settings.audience_keys} | set(retrospective)
    return [
        {
            "user_segment": key[0],
            "origin": key[1],
            "is_retrospective": retrospective.get(key, False),
            **_sizes(by_segment[key], as_of),
        }
        for key in sorted(configured | set(by_segment))
    ]


def reads_crm(rule: Rule) -> bool:
    """Whether a rule looks at leads or contacts."""
    return any(
        isinstance(leaf, Compare) and leaf.kind in ("lead", "contact") for leaf in leaves(rule)
    )


def _sizes(rows: list[Row], as_of: datetime | None) -> Row:
    """Persons who are members at as-of; intervals that began and ended in the day up to it."""
    spans_of = [(row["person_id"], Span(row["member_from"], row["member_to"])) for row in rows]

    def is_of_last_day(moment: datetime | None) -> bool:
        if moment is None or as_of is None:
            return False
        return as_of - timedelta(days=1) < moment <= as_of

    return {
        "current_size": len(
            {person for person, span in spans_of if as_of is not None and span.holds(as_of)}
        ),
        "entered_last_day": sum(is_of_last_day(span.start) for _, span in spans_of),
        "left_last_day": sum(is_of_last_day(span.end) for _, span in spans_of),
    }
