"""Experiments with a known lift, looked at every day: how often verdicts and intervals are right.

The daily sums are drawn; every figure over them is the project's own models'.
"""

from dataclasses import dataclass
from math import exp, log
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tests.bench.models import OwnModels
from tests.bench.staging import Resources

STUBS = Path(__file__).with_name("simulation_project")
SHARES = Path(__file__).with_name("simulation.sql")
MODELS = [
    f"intermediate/lift/{name}.sql"
    for name in (
        "int_contrasts",
        "int_estimates",
        "int_running",
        "int_cuped",
        "int_adjusted_p_values",
        "int_sample_ratio_cells",
        "int_sample_ratios",
        "int_lifts",
    )
]
ALPHA = 0.05
DAYS = 30
LIFTS = (0.0, 0.2)
CONVERTERS = (30, 100, 300, 1000, 5000)
"""Expected of control at the end of the last day."""
DELAYS = np.array([0.5, 0.2, 0.1, 0.08, 0.06, 0.04, 0.02])
"""Shares of the converters that convert on the day of their exposure and the six days after it."""
MATURED = float(np.cumsum(DELAYS)[np.minimum(np.arange(DAYS), DELAYS.size - 1)].mean())
"""Share of the converters, exposed on any day, that have converted by the end of the last."""
FURTHER_ORDERS = 0.5
"""Mean of the Poisson number of orders that a converter makes after the first."""
BASKET = 80.0
SEED = 20260401
ALL = "all"
"""The shares over all businesses."""

Sums = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Business:
    """How many visitors convert, and the standard deviation of the logarithm of a basket."""

    name: str
    rate: float
    spread: float

    @property
    def skewness(self) -> float:
        """Of the value of a visitor: a rare number of orders times a lognormal basket."""
        more, mean = FURTHER_ORDERS, 1 + FURTHER_ORDERS
        orders = (mean, mean**2 + more, mean**3 + 3 * mean * more + more)
        first, second, third = (
            self.rate * moment * exp(k * (k - 1) / 2 * self.spread**2)
            for k, moment in enumerate(orders, start=1)
        )
        variance = second - first**2
        return float((third - 3 * first * second + 2 * first**3) / variance**1.5)


BUSINESSES = (
    Business("subscriptions", rate=0.20, spread=0.5),
    Business("shop", rate=0.05, spread=1.0),
    Business("enterprise", rate=0.02, spread=1.5),
)


@dataclass(frozen=True, slots=True)
class Shares:
    """Of the experiments of a business, or of all, what share was decided and what covered.

    `ever_significant` has a fixed-horizon p below alpha on some day, `last_significant` on the
    last, `early_significant` an always-valid p on any day without the configured minimums;
    `running_coverage` is of the running interval, on every day.
    """

    business: str
    metric: str
    experiments: int
    ever_significant: float
    last_significant: float
    running_significant: float
    early_significant: float
    winner: float
    loser: float
    lift_coverage: float
    difference_coverage: float
    running_coverage: float


@dataclass(frozen=True, slots=True)
class SimulatedFigures:
    """Shares by business and metric, of experiments of one size and one true lift."""

    lift: float
    converters: int
    shares: list[Shares]


def simulate(experiments: int, folder: Path, resources: Resources) -> list[SimulatedFigures]:
    """Draw so many experiments over all sizes for each true lift, build the models, read shares."""
    rng = np.random.default_rng(SEED)
    ours = OwnModels(folder / "project", STUBS, MODELS, "macros", {})
    database = folder / "simulation.duckdb"
    figures = []
    for lift in LIFTS:
        for converters in CONVERTERS:
            with resources.connect(database) as con:
                con.register(
                    "sums", _draw_all(rng, experiments // len(CONVERTERS), converters, lift)
                )
                con.execute("create or replace table drawn_sums as from sums")
                con.execute("create schema if not exists raw")
                con.execute(
                    "create table if not exists raw.config_expected_splits"
                    " (experience varchar, split_key varchar, weight double)"
                )
            ours.build(database, resources, from_nothing=True)
            with resources.connect(database) as con:
                con.register("truths", _truths(lift))
                rows = con.execute(SHARES.read_text(encoding="utf-8"), {"alpha": ALPHA}).fetchall()
            figures.append(SimulatedFigures(lift, converters, [Shares(*row) for row in rows]))
    return figures


def missed_bounds(figures: list[SimulatedFigures]) -> list[str]:
    """What the figures promise and these do not keep, a sentence each.

    A running p-value below alpha on any of the days of an experiment without lift is as rare as
    alpha; from 100 converters on, the interval of the conversion rate covers 94 to 96.5 %.
    """
    missed = []
    for size in figures:
        for shares in size.shares:
            subject = (
                f"{shares.metric} of {shares.business}, {size.converters:,} converters,"
                f" lift {size.lift:.0%}"
            )
            if size.lift == 0 and shares.running_significant > ALPHA:
                missed.append(
                    f"{subject}: {shares.running_significant:.2%} decided, over {ALPHA:.0%}."
                )
            if (
                (shares.business, shares.metric) == (ALL, "conversion_rate")
                and size.converters >= 100
                and not 0.94 <= shares.lift_coverage <= 0.965
            ):
                missed.append(f"{subject}: {shares.lift_coverage:.2%} covered, not 94 to 96.5 %.")
    return missed


def _draw_all(rng: np.random.Generator, experiments: int, converters: int, lift: float) -> pa.Table:
    """Draw the experiments of one size, an equal part of each business."""
    return pa.concat_tables(
        _draw(rng, business, len(part), converters, lift)
        for business, part in zip(
            BUSINESSES, np.array_split(np.arange(experiments), len(BUSINESSES)), strict=True
        )
    )


def _draw(
    rng: np.random.Generator, business: Business, experiments: int, converters: int, lift: float
) -> pa.Table:
    """Draw sums over units as of the end of each day: one row an experiment, arm and day.

    Visitors come evenly over the days. Whoever converts does so once, within the window, and all
    their orders are of one basket of their own, so that orders of one unit are alike.
    """
    arrivals = rng.poisson(converters / business.rate / MATURED / DAYS, (experiments, 2, DAYS))
    rates = business.rate * np.array([[1.0], [1.0 + lift]])
    delayed = rng.multinomial(rng.binomial(arrivals, rates), DELAYS)
    converted = np.zeros(arrivals.shape, dtype=np.int64)
    for delay in range(DELAYS.size):
        converted[..., delay:] += delayed[..., : DAYS - delay, delay]
    cells = np.repeat(np.arange(converted.size), converted.ravel())
    orders = 1 + rng.poisson(FURTHER_ORDERS, cells.size)
    baskets = rng.lognormal(log(BASKET) - business.spread**2 / 2, business.spread, cells.size)
    values = np.rint(orders * baskets * 10_000)

    def as_of(each_day: npt.NDArray[np.generic]) -> Sums:
        return each_day.reshape(arrivals.shape).cumsum(axis=-1).ravel()

    def summed(of_converters: npt.NDArray[np.generic]) -> Sums:
        return as_of(np.bincount(cells, of_converters, converted.size))

    experiment, arm, day = (index.ravel() for index in np.indices(arrivals.shape))
    return pa.table(
        {
            "business": np.full(day.size, business.name),
            "experiment": experiment,
            "arm": np.array(["control", "personalized"])[arm],
            "day": day,
            "visitors": as_of(arrivals),
            "converters": as_of(converted),
            "conversions": summed(orders),
            "conversions_sum_squares": summed(orders**2),
            "value_sum": summed(values),
            "value_sum_squares": summed(values**2),
            "value_product": summed(values * orders),
        }
    )


def _truths(lift: float) -> pa.Table:
    """The lift and difference that the drawn arms have in expectation.

    More visitors convert; what a converter brings is the same in both arms.
    """
    rows = []
    for business in BUSINESSES:
        rate = business.rate * MATURED
        orders = rate * (1 + FURTHER_ORDERS)
        for metric, true_lift, control in (
            ("conversion_rate", lift, rate),
            ("conversions_per_visitor", lift, orders),
            ("value_per_visitor", lift, orders * BASKET),
            ("value_per_conversion", 0.0, BASKET),
        ):
            rows.append((business.name, metric, true_lift, true_lift * control))
    names = ("business", "metric", "lift", "absolute_difference")
    return pa.table(dict(zip(names, zip(*rows, strict=True), strict=True)))
