"""Experiments as the statistics meet them: what the units of each variant had done, by day."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

FIRST_DAY = datetime.date(2026, 1, 1)

DONE = ("conversions", "valued_conversions", "value_units", "pre_conversions", "pre_value")

Row = dict[str, Any]


@dataclass(frozen=True)
class Unit:
    """One unit: the day of its exposure, the day its conversions fall on, and what they bring.

    `value` is in units of 1/10,000; `valued` counts the conversions that have one.
    `pre_conversions` and `pre_value` are what it did before its exposure.
    """

    exposed: int = 0
    converted: int = 0
    conversions: int = 0
    valued: int = 0
    value: int = 0
    pre_conversions: int = 0
    pre_value: int = 0

    def done(self) -> tuple[int, ...]:
        """What it has done, in the order of `DONE`."""
        return (
            self.conversions, self.valued, self.value, self.pre_conversions, self.pre_value,
        )  # fmt: skip

    def before_it_converts(self) -> Unit:
        """The unit while it has only been exposed."""
        return Unit(self.exposed, pre_conversions=self.pre_conversions, pre_value=self.pre_value)


@dataclass
class Arm:
    """The units of one variant, and the days (half-open) on which they count."""

    variant: str
    arm: str
    units: Sequence[Unit]
    counted_until: int = 10_000
    split_visitors: int | None = None

    def on(self, day: int) -> list[Unit]:
        """The units as they stand at the end of `day`."""
        if day >= self.counted_until:
            return []
        return [
            unit if unit.converted <= day else unit.before_it_converts()
            for unit in self.units
            if unit.exposed <= day
        ]


@dataclass
class Scenario:
    """One grain and conversion; after its own days it is compared on some more."""

    experience: str
    arms: Sequence[Arm]
    vendor: str = "mutiny"
    audience_segment: str = "(all)"
    period: datetime.date | None = None
    conversion: str = "order"
    is_main: bool = True
    has_value: bool = True
    days: int = 1
    compared_days: int = 0
    crossovers: int = 0

    def grain(self) -> Row:
        """What all its rows share."""
        return {
            "vendor": self.vendor,
            "experience": self.experience,
            "audience_segment": self.audience_segment,
            "period": self.period,
            "conversion": self.conversion,
            "is_main": self.is_main,
            "has_value": self.has_value,
        }

    def looks(self) -> Iterator[Row]:
        """The days on which it is looked at, and those on which it is only compared."""
        for day in range(self.days + self.compared_days):
            yield self.grain() | {"as_of_date": _date(day), "is_look": day < self.days}

    def changes(self) -> Iterator[Row]:
        """The rows of `int_daily_changes` of all units."""
        for arm in self.arms:
            states: Counter[tuple[int, ...]] = Counter()
            split = crossovers = 0
            for day in range(self.days + self.compared_days):
                units = arm.on(day)
                states_before, split_before, crossovers_before = states, split, crossovers
                states = Counter(unit.done() for unit in units)
                split = len(units) if arm.split_visitors is None else arm.split_visitors
                crossovers = self.crossovers if arm is self.arms[0] else 0
                nothing = Unit().done()
                for done in states_before.keys() | states.keys() | {nothing}:
                    of_arm = done == nothing  # what is not about any kind of unit
                    yield (
                        self.grain()
                        | dict(zip(DONE, done, strict=True))
                        | {
                            "changed_day": _date(day),
                            "variant": arm.variant,
                            "arm": arm.arm,
                            "visitors": states[done] - states_before[done],
                            "split_visitors": (split - split_before) * of_arm,
                            "crossover_visitors": (crossovers - crossovers_before) * of_arm,
                        }
                    )


def _date(day: int) -> datetime.date:
    return FIRST_DAY + datetime.timedelta(days=day)


def random_units(
    rng: np.random.Generator,
    count: int,
    rate: float,
    price: float = 80.0,
    days: int = 1,
    refunds: float = 0.0,
) -> list[Unit]:
    """Units that convert at `rate`, some often, at skewed prices; a share has a refund as well."""
    units = []
    for _ in range(count):
        exposed = int(rng.integers(days))
        converted = exposed + int(rng.integers(3))
        conversions = int(1 + rng.poisson(0.5)) if rng.random() < rate else 0
        valued = int(rng.binomial(conversions, 0.9))
        value = sum(round(rng.lognormal(0, 1) * price * 10_000) for _ in range(valued))
        if rng.random() < refunds:
            value -= round(price * 50_000)
        units.append(Unit(exposed, converted, conversions, valued, value))
    return units


def same_units(
    count: int, converting: int = 0, value: int = 1_000_000, each: int = 1
) -> list[Unit]:
    """`count` units of which the first `converting` convert, all alike."""
    one = Unit(conversions=each, valued=each, value=value)
    return [one] * converting + [Unit()] * (count - converting)


def two_arms(control: Sequence[Unit], variant: Sequence[Unit]) -> list[Arm]:
    """Mutiny's arms: the variant is the arm."""
    return [Arm("control", "control", control), Arm("personalized", "personalized", variant)]


def counts(control: tuple[int, int], variant: tuple[int, int]) -> list[Arm]:
    """Arms given as (converters, visitors)."""
    return two_arms(
        same_units(control[1], control[0]),
        same_units(variant[1], variant[0]),
    )
