"""What vendors count by their own rules, and the bridge to ours: each step from nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Literal

from tests.warehouse.oracle.assignments import ALL_SEGMENTS, counted, grains_of
from tests.warehouse.oracle.conversions import Happening, happenings
from tests.warehouse.oracle.delivery import drop_reason
from tests.warehouse.oracle.exposures import (
    CONTROL,
    PERSONALIZED,
    Exposure,
    Unit,
    read_view,
    takes,
)
from tests.warehouse.oracle.identity import Identifier
from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.oracle import Oracle
from tests.warehouse.oracle.settings import Conversion, Crossover
from tests.warehouse.oracle.statistics import ArmSums, StatisticsSettings, compare
from tests.warehouse.oracle.triggers import is_match
from tests.warehouse.oracle.units import unit_of

Row = dict[str, Any]
Key = tuple[str, str]
STEPS = (
    "vendor_rules", "duplicates_removed", "delivered_only", "persons_resolved",
    "crossovers_resolved", "window_applied", "periods_and_exclusions", "ours",
)  # fmt: skip
BRIDGE_IN_UNITS = """
select * replace (
    (value * 10000)::bigint as value, (value_change * 10000)::bigint as value_change
)
from rpt_vendor_bridge
"""
SEVEN_DAYS, SIXTY_DAYS = timedelta(days=7), timedelta(days=60)
POLICIES: dict[str, Crossover] = {
    "mutiny": "ever_treated", "abmatic": "first", "split": "exclude",
}  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """How somebody counts."""

    unit: Literal["device", "person", "configured"]
    crossover: Crossover
    window: Literal["seven_days", "as_of", "configured"]
    recent: timedelta | None = None
    has_copies: bool = False
    is_delivered: bool = True
    is_somebody: bool = True
    has_excluded: bool = False
    has_periods: bool = False
    are_views_delivered: bool = False
    scope: str = "received"


@dataclass(frozen=True)
class View:
    """A complete view, of any unit."""

    vendor: str
    experience: str
    audience_segment: str | None
    variant: str
    sent_arm: str
    message: Message
    person_id: str | None
    configured: Key | None
    unit_type: str


@dataclass
class Arm:
    """What is counted of a variant of a grain."""

    arm: str
    visitors: int
    converters: Counter[str]
    value: Counter[str]


Place = tuple[str, str, date | None]


class VendorFigures:
    """The vendors' tables, from the messages and settings of an oracle."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.settings = oracle.settings
        self.copies = Counter(loser.message_id for loser in oracle.losers)
        self.arms = {
            (view.vendor, view.experience, view.variant): view.arm for view in oracle.exposures
        }

    @property
    def vendors(self) -> list[str]:
        """Those set up that show experiences."""
        named = set(self.settings.destinations)
        for source in self.settings.sources.values():
            named |= set(source.destinations or ())
        return [name for name in POLICIES if name in named and name in self._entries]

    @property
    def _entries(self) -> dict[str, Any]:
        return self.settings.entries_by_vendor

    def rules(self, vendor: str, step: str) -> Rules:
        """The rules of a step."""
        place = STEPS.index(step) + 1
        return Rules(
            unit="device" if place < 4 and vendor != "split" else "configured",
            crossover=POLICIES[vendor] if place < 5 else self.settings.crossover,
            window="configured" if place > 5 else _window(vendor),
            recent=SIXTY_DAYS if vendor == "abmatic" and place < 6 else None,
            has_copies=place == 1,
            is_delivered=place > 2,
            is_somebody=place > 3,
            has_excluded=place < 7,
            has_periods=place > 6,
            scope=self.settings.scope,
        )

    def own_rules(self, vendor: str) -> Rules:
        """The rules of the vendor's own table."""
        return Rules(
            unit="person",
            crossover=POLICIES[vendor],
            window=_window(vendor),
            recent=SIXTY_DAYS if vendor == "abmatic" else None,
            are_views_delivered=vendor == "abmatic",
        )

    # ---- what happened ----------------------------------------------------------------------

    @cached_property
    def _messages(self) -> list[tuple[Message, str | None]]:
        """All but Segment's own: excluded ones are behaviour to a vendor."""
        return [
            (message, person)
            for message, person in self.oracle.placed
            if not (message.is_system or message.is_engage)
        ]

    def _unit(self, message: Message, person_id: str | None, unit_type: Any) -> Key | None:
        """The unit of a type that a message carries; an excluded one makes none."""
        if person_id is None:
            return _device(message) if message.is_excluded else None
        unit = unit_of(message, person_id, unit_type, self.oracle.identity)
        if unit is None:
            return None
        if unit_type in ("user_id", "anonymous_id") and (
            Identifier(unit_type, unit.unit_id) not in self.oracle.persons.intervals
        ):
            return None
        return (unit.unit_type, unit.unit_id)

    @cached_property
    def _views(self) -> list[View]:
        found = []
        for message, person_id in self._messages:
            for vendor in self.vendors:
                matching = [
                    entry for entry in self._entries[vendor] if takes(entry, message, self.settings)
                ]
                if not matching:
                    continue
                types = [self.settings.unit_type(entry) for entry in matching]
                units = [self._unit(message, person_id, unit_type) for unit_type in types]
                place = next((i for i, unit in enumerate(units) if unit is not None), 0)
                said = read_view(matching[place], message)
                if said.reason is not None:
                    continue
                assert said.experience and said.variant and said.arm  # noqa: PT018
                found.append(
                    View(
                        vendor, said.experience, said.audience_segment, said.variant, said.arm,
                        message, person_id, units[place], types[place],
                    )
                )  # fmt: skip
        return found

    @cached_property
    def _arms_sent(self) -> dict[tuple[str, str, str], set[str]]:
        """What views say of variants that our exposures do not know."""
        said: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
        for view in self._views:
            if view.vendor != "split" or view.configured is not None:
                said[view.vendor, view.experience, view.variant].add(view.sent_arm)
        return said

    def _arm(self, view: View) -> str:
        key = (view.vendor, view.experience, view.variant)
        return self.arms.get(key) or (CONTROL if CONTROL in self._arms_sent[key] else PERSONALIZED)

    def _happened(self, vendor: str, conversion: Conversion, rules: Rules) -> list[Happening]:
        """What counts of a conversion, in order; a person '' is nobody."""
        by_id = {message.message_id: message for message, _ in self._messages}
        seen: set[str] = set()
        kept = []
        for one in happenings(
            [(replace(each, is_excluded=False), who or "") for each, who in self._messages],
            conversion,
        ):
            message = by_id[one.message.message_id]
            if message.is_excluded and not rules.has_excluded:
                continue
            if (
                rules.is_delivered
                and rules.scope == "received"
                and drop_reason(message, vendor, self.settings) is not None
            ):
                continue
            if rules.is_somebody and not one.person_id and not message.is_excluded:
                continue
            if not rules.has_copies and not one.is_refund and one.distinct_value is not None:
                if one.distinct_value in seen:
                    continue
                seen.add(one.distinct_value)
            kept.append(replace(one, message=message))
        return kept

    def _is_received(self, view: View) -> bool:
        """Whether Abmatic received a view: a conversion, or an exposure of its own adapter."""
        message, settings = view.message, self.settings
        is_shown = any(
            entry.adapter == "abmatic" and takes(entry, message, settings)
            for entry in settings.exposures
        )
        is_conversion = any(
            (is_match(one.trigger, message) or (one.refund and is_match(one.refund, message)))
            and (one.sources is None or message.source in one.sources)
            for one in settings.conversions
        )
        return (is_shown or is_conversion) and drop_reason(message, "abmatic", settings) is None

    # ---- counting ---------------------------------------------------------------------------

    def _unit_of_view(self, view: View, rules: Rules) -> Key | None:
        if rules.unit == "device":
            return _device(view.message)
        if rules.unit == "person":
            return None if view.person_id is None else ("person", view.person_id)
        return view.configured

    def _by_place(self, vendor: str, rules: Rules) -> dict[Place, list[View]]:
        found: defaultdict[Place, list[View]] = defaultdict(list)
        for view in self._views:
            if view.vendor != vendor or self._unit_of_view(view, rules) is None:
                continue
            if view.message.is_excluded and not rules.has_excluded:
                continue
            if rules.are_views_delivered and not self._is_received(view):
                continue
            for grain in grains_of(_as_exposure(view), self.settings):
                found[grain.experience, grain.audience_segment, grain.period].append(view)
            if not rules.has_periods:
                for segment in {ALL_SEGMENTS, self.settings.segment_name(view.audience_segment)}:
                    found[view.experience, segment, None].append(view)
        return {
            place: list({view.message.message_id: view for view in views}.values())
            for place, views in found.items()
            if rules.has_periods or place[2] is None
        }

    def count(self, vendor: str, rules: Rules) -> dict[tuple[Place, str], Arm]:
        """Of each place and variant with units."""
        arms: dict[tuple[Place, str], Arm] = {}
        mixed: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        happened = {
            one.name: self._happened(vendor, one, rules) for one in self.settings.conversions
        }
        for place, views in self._by_place(vendor, rules).items():
            views.sort(key=lambda view: view.message.order)
            first_units: dict[Key, Key] = {}
            units: defaultdict[Key, list[View]] = defaultdict(list)
            for view in views:
                unit = self._unit_of_view(view, rules)
                assert unit is not None
                units[unit].append(view)
                if rules.unit == "configured" and view.person_id is not None:
                    first_units.setdefault((view.unit_type, view.person_id), unit)
            start: dict[Key, View] = {}
            for unit, seen in units.items():
                if rules.crossover == "exclude" and len({view.variant for view in seen}) > 1:
                    continue
                treated = [view for view in seen if self._arm(view) == PERSONALIZED]
                start[unit] = (
                    treated[0] if treated and rules.crossover == "ever_treated" else seen[0]
                )
            if rules.recent is not None:
                as_of = self.oracle.as_of
                assert as_of is not None
                start = {
                    unit: view
                    for unit, view in start.items()
                    if as_of - rules.recent <= view.message.occurred_at <= as_of
                }
            for view in start.values():
                arm = arms.setdefault(
                    (place, view.variant), Arm(self._arm(view), 0, Counter(), Counter())
                )
                arm.visitors += 1
            for conversion in self.settings.conversions:
                done = self._done(vendor, happened[conversion.name], rules, first_units)
                for unit, view in start.items():
                    arm = arms[place, view.variant]
                    inside = [
                        one
                        for one in done.get(unit, [])
                        if self._is_inside(one.at, view.message.occurred_at, conversion, rules)
                    ]
                    arm.converters[conversion.name] += any(not one.is_refund for one in inside)
                    for one in inside:
                        times = 1
                        if rules.has_copies:
                            times += self.copies[one.message.message_id]
                        arm.value[conversion.name] += (one.value or 0) * times
                        if one.currency and (not one.is_refund or one.value is not None):
                            mixed[place[0], conversion.name].add(one.currency)
        self._mixed = {key for key, found in mixed.items() if len(found) > 1}
        return arms

    def _done(
        self, vendor: str, happened: list[Happening], rules: Rules, first_units: dict[Key, Key]
    ) -> dict[Key, list[Happening]]:
        done: defaultdict[Key, list[Happening]] = defaultdict(list)
        types = dict.fromkeys(map(self.settings.unit_type, self._entries[vendor]))
        for one in happened:
            person_id = one.person_id or None
            keys: set[Key | None] = set()
            if rules.unit == "device":
                keys.add(_device(one.message))
            elif rules.unit == "person":
                keys.add(("person", one.person_id))
            else:
                for unit_type in types:
                    unit = self._unit(one.message, person_id, unit_type)
                    if unit is None and unit_type != "account" and person_id is not None:
                        unit = first_units.get((unit_type, person_id))
                    keys.add(unit)
            for key in keys - {None}:
                assert key is not None
                done[key].append(one)
        return done

    def _is_inside(
        self, at: datetime, start: datetime, conversion: Conversion, rules: Rules
    ) -> bool:
        if rules.window == "as_of":
            assert self.oracle.as_of is not None
            return start <= at <= self.oracle.as_of
        window = SEVEN_DAYS if rules.window == "seven_days" else conversion.window
        return start <= at < start + window

    # ---- tables -----------------------------------------------------------------------------

    @property
    def rpt_vendor_bridge(self) -> list[Row]:
        """One row per vendor, experience, audience segment, period, conversion, arm and step."""
        return [row for vendor in self.vendors for row in self._bridge(vendor)]

    def _bridge(self, vendor: str) -> Iterator[Row]:
        places = {
            place[:2]
            for step in ("vendor_rules", "persons_resolved")
            for place in self._by_place(vendor, self.rules(vendor, step))
        }
        totals = {step: self._totals(vendor, step) for step in STEPS}
        for experience, segment in sorted(places):
            periods = self.settings.periods.get(experience)
            starts: list[date | None] = [None] if periods is None else [one[0] for one in periods]
            for period in starts:
                for conversion in self.settings.conversions:
                    for arm in (PERSONALIZED, CONTROL):
                        previous: Row | None = None
                        for number, step in enumerate(STEPS, start=1):
                            found, mixed = totals[step]
                            known = period if number > 6 else None
                            visitors, converters, value = found.get(
                                (experience, segment, known, conversion.name, arm), (0, 0, 0)
                            )
                            is_sum = (
                                conversion.value is not None
                                and (experience, conversion.name) not in mixed
                            )
                            figures = {
                                "visitors": visitors,
                                "converters": converters,
                                "value": value if is_sum else None,
                            }
                            yield {
                                "vendor": vendor,
                                "experience": experience,
                                "audience_segment": segment,
                                "period": period,
                                "conversion": conversion.name,
                                "arm": arm,
                                "step_number": number,
                                "step": step,
                                **figures,
                                **{
                                    f"{name}_change": None
                                    if previous is None or None in (figure, previous[name])
                                    else figure - previous[name]
                                    for name, figure in figures.items()
                                },
                            }
                            previous = figures

    def _totals(self, vendor: str, step: str) -> tuple[dict[Any, Any], set[tuple[str, str]]]:
        found: defaultdict[Any, list[int]] = defaultdict(lambda: [0, 0, 0])
        if step == "ours":
            return self._ours(vendor)
        for (place, _), arm in self.count(vendor, self.rules(vendor, step)).items():
            for conversion in self.settings.conversions:
                sums = found[(*place, conversion.name, arm.arm)]
                sums[0] += arm.visitors
                sums[1] += arm.converters[conversion.name]
                sums[2] += arm.value[conversion.name]
        return dict(found), self._mixed

    def _ours(self, vendor: str) -> tuple[dict[Any, Any], set[tuple[str, str]]]:
        """From the units of our own figures, which the bridge does not make."""
        found: defaultdict[Any, list[int]] = defaultdict(lambda: [0, 0, 0])
        currencies: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for done in self.oracle._outcomes:
            grain = done.assignment.grain
            if grain.vendor != vendor or not counted([done.assignment], self.settings.crossover):
                continue
            place = (grain.experience, grain.audience_segment, grain.period)
            sums = found[(*place, done.conversion, done.assignment.arm)]
            sums[0] += 1
            sums[1] += done.inside.converted
            sums[2] += done.inside.value
            currencies[grain.experience, done.conversion] |= done.inside.currencies
        return dict(found), {key for key, each in currencies.items() if len(each) > 1}

    @property
    def abmatic_campaign_lift(self) -> list[Row]:
        """One row per campaign, variation, visitor segment and conversion."""
        if "abmatic" not in self.vendors:
            return []
        arms = self.count("abmatic", self.own_rules("abmatic"))
        rows = []
        for ((campaign, segment, period), variation), treated in arms.items():
            if treated.arm == CONTROL:
                continue
            controls = [
                arm
                for (place, _), arm in arms.items()
                if place == (campaign, segment, period) and arm.arm == CONTROL
            ]
            for conversion in self.settings.conversions:
                name = conversion.name
                visitors = sum(arm.visitors for arm in controls)
                converters = sum(arm.converters[name] for arm in controls)
                rate = _rate(treated.converters[name], treated.visitors)
                control = _rate(converters, visitors)
                assert rate is not None
                compared = compare(
                    _sums(converters, visitors),
                    _sums(treated.converters[name], treated.visitors),
                    StatisticsSettings.of(self.settings),
                )
                rows.append(
                    {
                        "campaign": campaign,
                        "variation": variation,
                        "visitor_segment": segment,
                        "conversion": name,
                        "is_main": conversion is self._main,
                        "personalized_visitors": treated.visitors,
                        "control_visitors": visitors,
                        "personalized_conversions": treated.converters[name],
                        "control_conversions": converters,
                        "personalized_rate": 100 * rate,
                        "control_rate": None if control is None else 100 * control,
                        "lift": min(999, 100 * (rate - control) / control) if control else None,
                        "p_value": compared.p_value,
                    }
                )
        return rows

    @property
    def mutiny_experience_lift(self) -> list[Row]:
        """One row per experience, audience segment and conversion."""
        if "mutiny" not in self.vendors:
            return []
        arms = self.count("mutiny", self.own_rules("mutiny"))
        rows = []
        for place in {place for place, _ in arms}:
            for conversion in self.settings.conversions:
                name = conversion.name
                sides = {
                    side: [
                        arm for (each, _), arm in arms.items() if each == place and arm.arm == side
                    ]
                    for side in (PERSONALIZED, CONTROL)
                }
                visitors = {side: sum(a.visitors for a in found) for side, found in sides.items()}
                converters = {
                    side: sum(a.converters[name] for a in found) for side, found in sides.items()
                }
                rate = _rate(converters[PERSONALIZED], visitors[PERSONALIZED])
                control = _rate(converters[CONTROL], visitors[CONTROL])
                rows.append(
                    {
                        "experience": place[0],
                        "audience_segment": place[1],
                        "conversion": name,
                        "is_main": conversion is self._main,
                        "personalized_visitors": visitors[PERSONALIZED],
                        "control_visitors": visitors[CONTROL],
                        "personalized_conversions": converters[PERSONALIZED],
                        "control_conversions": converters[CONTROL],
                        "personalized_rate": rate,
                        "control_rate": control,
                        "lift": (rate - control) / control
                        if control and rate is not None
                        else None,
                        **self._influence(place[0], place[1], conversion),
                    }
                )
        return rows

    @property
    def _main(self) -> Conversion:
        conversions = self.settings.conversions
        return next((one for one in conversions if one.main), conversions[0])

    def _influence(self, experience: str, segment: str, conversion: Conversion) -> Row:
        """Value credited to an experience and segment, over the seven days before."""
        sums = {"first": 0, "last": 0, "any": 0}
        currencies: set[str | None] = set()
        for one in self._happened("mutiny", conversion, self.own_rules("mutiny")):
            seen = [
                view
                for view in self._treated.get(one.person_id, [])
                if one.at - SEVEN_DAYS < view.exposed_at <= one.at
            ]
            if one.is_refund or not seen:
                continue
            if any(view.experience == experience for view in seen):
                currencies.add(one.currency)

            def is_here(view: Exposure) -> bool:
                name = self.settings.segment_name(view.audience_segment)
                return view.experience == experience and segment in (ALL_SEGMENTS, name)

            sums["first"] += (one.value or 0) * is_here(seen[0])
            sums["last"] += (one.value or 0) * is_here(seen[-1])
            sums["any"] += (one.value or 0) * any(map(is_here, seen))
        is_mixed = len(currencies - {None}) > 1
        return {
            f"influenced_value_{model}": None if is_mixed else value
            for model, value in sums.items()
        }

    @cached_property
    def _treated(self) -> dict[str, list[Exposure]]:
        views: defaultdict[str, list[Exposure]] = defaultdict(list)
        for view in sorted(self.oracle.exposures, key=lambda view: view.order):
            if view.vendor == "mutiny" and view.arm == PERSONALIZED:
                views[view.person_id].append(view)
        return views


def _window(vendor: str) -> Literal["seven_days", "as_of"]:
    return "seven_days" if vendor == "mutiny" else "as_of"


def _device(message: Message) -> Key | None:
    if message.anonymous_id:
        return ("device", f"anonymous_id:{message.anonymous_id}")
    return ("device", f"user_id:{message.user_id}") if message.user_id else None


def _as_exposure(view: View) -> Exposure:
    return Exposure(
        message_id=view.message.message_id,
        vendor=view.vendor,
        experience=view.experience,
        audience_segment=view.audience_segment,
        variant=view.variant,
        arm=view.sent_arm,
        sent_arm=view.sent_arm,
        person_id=view.person_id or "",
        unit=Unit("person", view.person_id or ""),
        exposed_at=view.message.occurred_at,
        received_at=view.message.received_at,
        source=view.message.source,
    )


def _rate(converters: int, visitors: int) -> float | None:
    return converters / visitors if visitors else None


def _sums(converters: int, visitors: int) -> ArmSums:
    return ArmSums.of([(1, 1)] * converters + [(0, 1)] * (visitors - converters))
