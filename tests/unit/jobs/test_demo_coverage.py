"""Are 95 % intervals around a demo's counts 95 % intervals? Over many small companies, in Python.

The counts of `truth.json` and its true lift come from the same draw, so this holds the demo to its
word: were the true lift wrong, or were visitors counted that the effect never reached, the
intervals would miss it too often. A ratio of the arms' rates that is a tenth off is found. The
formula is written here once more, from its definition.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import pytest
from scipy import stats

from jobs.demo.simulate import simulate_company
from jobs.demo.truth import derive_truth

pytestmark = pytest.mark.slow

SEEDS = range(1, 51)
VISITORS = 2_000
DAYS = 30
BAND = 0.999
"""How often correct intervals fall inside the band, over all sets of seeds."""


class Arm(NamedTuple):
    visitors: int
    converters: int

    @property
    def rate(self) -> float:
        return self.converters / self.visitors

    @property
    def mean_variance(self) -> float:
        """The ddof-1 variance of `converters` ones among `visitors` outcomes, of their mean."""
        return self.rate * (1 - self.rate) / (self.visitors - 1)


class Result(NamedTuple):
    audience_segment: str
    control: Arm
    personalized: Arm
    true_lift: float


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return [
        Result(
            row["audience_segment"],
            _arm(row["arms"]["control"]),
            _arm(row["arms"]["personalized"]),
            row["true_lift"],
        )
        for seed in SEEDS
        for row in _results(seed)
    ]


def test_demo_intervals_hold_the_true_lift_as_often_as_they_say(results: list[Result]) -> None:
    lowest, highest = coverage_band(results)
    assert lowest <= coverage(results, 0.95) <= highest


@pytest.mark.parametrize("level", [0.90, 0.99])
def test_demo_coverage_band_tells_other_levels_apart(results: list[Result], level: float) -> None:
    """The band has teeth: intervals that hold 90 % or 99 % fall outside of it."""
    lowest, highest = coverage_band(results)
    assert not lowest <= coverage(results, level) <= highest


def coverage(results: list[Result], level: float) -> float:
    """The share of rows whose interval of this level holds the true lift."""
    return sum(holds_true_lift(result, level) for result in results) / len(results)


def coverage_band(results: list[Result]) -> tuple[float, float]:
    """Where the coverage of correct 95 % intervals lies in 99.9 % of all sets of seeds.

    A binomial band counts independent rows, and the rows of one company are not: `(all)` is its two
    audience segments together. So only the rows of single segments are counted.
    Those are as good as independent, though conversions share visitors: the draws of conversions
    are independent, as are the arms of two experiences. (Over 200 companies the variance of the
    coverage of a company was 0.9 times the binomial one for the segments' rows, 1.4 times for all.)
    With 900 rows the band is 92.4 % to 97.2 %: independent rows that are held at 90 % would fall
    into it once in 150 times, at 99 % never.
    """
    rows = sum(result.audience_segment != "(all)" for result in results)
    lowest, highest = stats.binom.interval(BAND, rows, 0.95)
    return float(lowest) / rows, float(highest) / rows


def holds_true_lift(result: Result, level: float) -> bool:
    """Whether the log interval, with Welch's degrees of freedom, holds the true lift."""
    control, personalized, true_lift = result[1:]
    error = math.sqrt(sum(arm.mean_variance / arm.rate**2 for arm in (control, personalized)))
    variances = [arm.mean_variance for arm in (control, personalized)]
    degrees = sum(variances) ** 2 / sum(
        variance**2 / (arm.visitors - 1)
        for variance, arm in zip(variances, (control, personalized), strict=True)
    )
    reach = float(stats.t.ppf((1 + level) / 2, degrees)) * error
    return abs(math.log(personalized.rate / control.rate) - math.log1p(true_lift)) <= reach


def _results(seed: int) -> list[dict[str, Any]]:
    with simulate_company(VISITORS, DAYS, seed) as con:
        results: list[dict[str, Any]] = derive_truth(con)["results"]
    return results


def _arm(counts: dict[str, Any]) -> Arm:
    return Arm(counts["visitors"], counts["converters"])
