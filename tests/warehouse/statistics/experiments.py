"""The experiments that the statistics are tried on, each named for what is special about it."""

from __future__ import annotations

import datetime
import functools

import numpy as np

from tests.warehouse.statistics.scenarios import (
    Arm,
    Scenario,
    Unit,
    counts,
    random_units,
    same_units,
    two_arms,
)

EXPECTED_SPLIT: dict[str, dict[str, float]] = {
    "split by arm": {"control": 0.5, "personalized": 0.5},
    "split by variant": {"off": 2, "a": 1, "b": 1},
    "split with an empty arm": {"control": 0.4, "a": 0.3, "b": 0.3},
    "split missed": {"control": 0.5, "personalized": 0.5},
    "split missed by one point": {"control": 0.5, "personalized": 0.5},
    "published split": {"control": 0.5, "personalized": 0.5},
    "split of strangers": {"x": 0.5, "y": 0.5},
    "o'clock": {"personalized": 1},
}


def _random_experiments(rng: np.random.Generator) -> list[Scenario]:
    experiments = []
    for name, control_rate, variant_rate, refunds in [
        ("plain", 0.2, 0.3, 0.0),
        ("rare", 0.01, 0.012, 0.0),
        ("refunded", 0.1, 0.1, 0.3),
    ]:
        for segment in ["small", "large", "(all)"]:
            for conversion in ["order", "signup"]:
                experiments.append(
                    Scenario(
                        experience=name,
                        audience_segment=segment,
                        conversion=conversion,
                        has_value=conversion == "order",
                        is_main=conversion == "signup",
                        days=9,
                        crossovers=7,
                        arms=two_arms(
                            random_units(rng, 300, control_rate, days=7, refunds=refunds),
                            random_units(rng, 350, variant_rate, days=7, refunds=refunds),
                        ),
                    )
                )
    for period in [datetime.date(2026, 1, 1), datetime.date(2026, 4, 1)]:
        for conversion in ["order", "signup", "demo"]:
            experiments.append(
                Scenario(
                    vendor="split",
                    experience="many variants",
                    period=period,
                    conversion=conversion,
                    has_value=conversion != "signup",
                    days=5,
                    arms=[
                        Arm("off", "control", random_units(rng, 400, 0.2, days=4)),
                        Arm("legacy", "control", random_units(rng, 120, 0.22, days=4)),
                        Arm("a", "personalized", random_units(rng, 380, 0.25, days=4)),
                        Arm("b", "personalized", random_units(rng, 390, 0.2, days=4)),
                        Arm("never", "personalized", []),
                    ],
                )
            )
    return experiments


def _published_experiments() -> list[Scenario]:
    """Results in print, named for what they are about."""
    slept = {
        "control": [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
        "personalized": [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
    }
    hours = {
        arm: [Unit(conversions=1, valued=1, value=round(extra * 10_000)) for extra in extras]
        for arm, extras in slept.items()
    }
    unequal = [
        Arm("control", "control", same_units(200, 100), split_visitors=821_588),
        Arm("personalized", "personalized", same_units(200, 100), split_visitors=815_482),
    ]
    return [
        Scenario("published example", counts((12, 364), (19, 379))),
        Scenario("published split", unequal),
        Scenario("aspirin", counts((73, 411), (45, 411))),
        Scenario("sleep", two_arms(hours["control"], hours["personalized"])),
        Scenario("sequential", counts((1396, 3000), (2422, 3461))),
        Scenario("planned", counts((6080, 121_600), (6080, 121_600))),
    ]


def _degenerate_experiments() -> list[Scenario]:
    half = same_units(200, 100)
    thirds = [Unit(conversions=3, valued=3, value=1_000_000)] * 150
    extreme = [Unit(conversions=1, valued=1, value=10**13 - 10**4 * i) for i in range(20_000)]
    spread = [Unit(conversions=3, valued=3, value=10**13 * (i % 11 - 4)) for i in range(9000)]
    return [
        Scenario("zero control", counts((0, 300), (30, 300))),
        Scenario("zero variant", counts((30, 300), (0, 300))),
        Scenario("one control unit", two_arms([Unit(conversions=1)], half)),
        Scenario("one variant unit", two_arms(half, [Unit(conversions=1)])),
        Scenario("one unit each", two_arms([Unit(conversions=1)], [Unit(conversions=1)])),
        Scenario("all converted", counts((200, 200), (250, 250))),
        Scenario("all of control converted", counts((200, 200), (125, 250))),
        Scenario("all converted alike", two_arms(thirds, thirds[:120])),
        Scenario(
            "cheapest price", two_arms(same_units(150, 90, 10, 3), same_units(150, 80, 20, 3))
        ),
        Scenario("greatest values", two_arms(extreme[:12_000], extreme)),
        Scenario("past exact integers", two_arms(spread * 3, spread[100:] * 2)),
        Scenario(
            "negative means",
            two_arms(
                [Unit(conversions=1, valued=1, value=-10_000 * (i % 7)) for i in range(150)],
                [Unit(conversions=1, valued=1, value=-10_000 * (i % 5)) for i in range(150)],
            ),
        ),
        Scenario("without values", two_arms([Unit(conversions=1)] * 150, half)),
        Scenario("only the variant without values", two_arms(half, [Unit(conversions=1)] * 150)),
        Scenario("no control", [Arm("personalized", "personalized", half)]),
        Scenario("no control counted", two_arms([], half)),
        Scenario("no variant", [Arm("control", "control", half)]),
        Scenario("no variant counted", two_arms(half, [])),
        Scenario("nobody counted", two_arms([], [])),
        Scenario(
            "variant comes and goes",
            [
                Arm("control", "control", half),
                Arm("early", "personalized", half, counted_until=2),
                Arm("late", "personalized", [Unit(exposed=3, converted=3, conversions=1)] * 9),
            ],
            days=5,
        ),
    ]


def _extreme_experiments(rng: np.random.Generator) -> list[Scenario]:
    """Two arms of few units each: values at the ends of what is read, and next to nothing net."""

    def value() -> int:
        limit = 10**13
        return int(
            rng.choice(
                [limit, limit - 1, -limit, 1 - limit, 1, -1, 0, 555_000, -535_000, 9 * 10**12]
            )
        )

    def units() -> list[Unit]:
        found = []
        for _ in range(int(rng.choice([1, 2, 2, 3, 5, 40]))):
            conversions = int(rng.choice([0, 1, 1, 2, 1000]))
            valued = int(rng.integers(conversions + 1)) if conversions else 0
            found.append(
                Unit(
                    conversions=conversions,
                    valued=valued,
                    value=value() * max(valued, 1),
                    pre_conversions=int(rng.choice([0, 0, 1, 1000])),
                    pre_value=value() * int(rng.choice([0, 1, 1000])),
                )
            )
        if rng.random() < 0.5:  # all but a few units of money are refunded
            net = sum(unit.value for unit in found)
            found.append(Unit(conversions=1, valued=1, value=int(rng.integers(1, 99)) - net))
        return found

    return [
        Scenario(
            "refunded but for two", two_arms(_valued(555_000, -535_000), _valued(9e12, 9.1e12))
        ),
        *(
            Scenario("extreme", two_arms(units(), units()), conversion=f"extreme {number}")
            for number in range(300)
        ),
    ]


def _valued(*values: float) -> list[Unit]:
    return [Unit(conversions=1, valued=1, value=int(value)) for value in values]


def _decided_experiments() -> list[Scenario]:
    def steps(first: int, then: int) -> list[Unit]:
        """Two days of 1,000 units each, with so many converters."""
        return [
            Unit(exposed=day, converted=day, conversions=int(i < converters))
            for day, converters in enumerate([first, then])
            for i in range(1000 if day == 0 else 20_000)
        ]

    return [
        Scenario("won", counts((100, 1000), (200, 1000))),
        Scenario("lost", counts((200, 1000), (100, 1000))),
        Scenario("undecided", counts((100, 1000), (105, 1000))),
        Scenario("too few converters", counts((10, 1000), (14, 1000))),
        Scenario("too few visitors", counts((30, 99), (60, 100))),
        Scenario("contradicted", two_arms(steps(100, 6000), steps(300, 3000)), days=2),
    ]


def _split_experiments() -> list[Scenario]:
    half = same_units(200, 100)

    def split(name: str, *arms: tuple[str, str, int], days: int = 1) -> Scenario:
        return Scenario(
            name,
            [Arm(variant, arm, half, split_visitors=units) for variant, arm, units in arms],
            days=days,
        )

    by_segment = [
        Scenario(
            "uneven segments",
            [
                Arm("control", "control", half, split_visitors=control),
                Arm("personalized", "personalized", half, split_visitors=personalized),
            ],
            audience_segment=segment,
            days=days,
            compared_days=3 - days,
        )
        for segment, control, personalized, days in [
            ("small", 900, 100, 1),
            ("large", 500, 500, 3),
            ("empty", 0, 0, 3),
            ("(all)", 1400, 600, 3),
        ]
    ]
    even_segments = [
        Scenario(
            "even segments",
            [
                Arm("control", "control", half, split_visitors=units),
                Arm("personalized", "personalized", half, split_visitors=units + more),
            ],
            audience_segment=segment,
        )
        for segment, units, more in [("small", 1000, 5), ("large", 500, 20), ("(all)", 1500, 25)]
    ]
    control, personalized = ("control", "control"), ("personalized", "personalized")
    return [
        split("split by arm", (*control, 205), (*personalized, 195)),
        split("split missed", (*control, 700), (*personalized, 300)),
        split("split missed by one point", (*control, 510_000), (*personalized, 490_000)),
        split(
            "split by variant",
            ("off", "control", 210),
            ("a", "personalized", 95),
            ("b", "personalized", 99),
            ("unnamed", "personalized", 5000),
        ),
        split("split with an empty arm", ("off", "control", 40), ("a", "personalized", 60)),
        split("split of strangers", (*control, 40), (*personalized, 60)),
        split("no split", (*control, 700), (*personalized, 300), ("gone", "personalized", 0)),
        split("one variant left", (*control, 0), (*personalized, 300)),
        split("o'clock", (*control, 10), (*personalized, 300)),
        *by_segment,
        *even_segments,
    ]


@functools.cache
def all_experiments() -> tuple[Scenario, ...]:
    """Everything, in one warehouse."""
    return (
        *_random_experiments(np.random.default_rng(20260401)),
        *_published_experiments(),
        *_degenerate_experiments(),
        *_extreme_experiments(np.random.default_rng(20260402)),
        *_decided_experiments(),
        *_split_experiments(),
    )
