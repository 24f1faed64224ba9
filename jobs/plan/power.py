"""How many visitors and days a test needs, and how likely a lift is found with those there are.

A true lift δ over a control whose visitors have mean m and variance v is measured with

    se²(δ) = v / m² · (1 / n_variant + (1 + δ)² / n_control)

the delta method's error of a relative difference, with the same variance in both arms. The
two-sided test at alpha finds it with power Φ(δ/se - z) + Φ(-δ/se - z), z the normal quantile of
1 - alpha / 2. That is the power of one look at the end, as `minimum_detectable_effect` has it; a
verdict that is valid at every look asks for more.
"""

from functools import cache
from math import ceil, sqrt
from typing import NamedTuple

from scipy.optimize import brentq
from scipy.special import ndtr, ndtri


class Arms(NamedTuple):
    """Visitors of the two arms compared, or visitors a day."""

    control: float
    variant: float


NONE = Arms(0, 0)
ONE_EACH = Arms(1, 1)


def power_of(lift: float, relative_variance: float, visitors: Arms, alpha: float) -> float:
    """Return the probability that the test at `alpha` finds a true lift; 0.1 is ten percent.

    `relative_variance` is v / m² of control, (1 - rate) / rate for a rate.
    """
    if min(visitors) == 0:
        return 0.0
    error = sqrt(relative_variance * _squared_error(lift, visitors))
    return _power(lift / error, alpha)


def visitors_needed(lift: float, relative_variance: float, alpha: float, power: float) -> int:
    """Return the visitors that each of two equal arms needs."""
    return ceil(_growth_needed(lift, relative_variance, NONE, ONE_EACH, alpha, power))


def days_needed(
    lift: float, relative_variance: float, so_far: Arms, per_day: Arms, alpha: float, power: float
) -> int | None:
    """Return the days until the test finds a true lift with `power`, at the traffic of now.

    It is 0 where the visitors so far are enough, and None where an arm has no traffic.
    """
    if so_far != NONE and power_of(lift, relative_variance, so_far, alpha) >= power:
        return 0
    if min(per_day) == 0:
        return None
    return ceil(_growth_needed(lift, relative_variance, so_far, per_day, alpha, power))


def _squared_error(lift: float, visitors: Arms) -> float:
    return 1 / visitors.variant + (1 + lift) ** 2 / visitors.control


def _power(errors: float, alpha: float) -> float:
    """Return the power for an effect of so many standard errors."""
    z = ndtri(1 - alpha / 2)
    return float(ndtr(errors - z) + ndtr(-errors - z))


@cache
def _errors_needed(alpha: float, power: float) -> float:
    """Return how many standard errors an effect must have to be found with `power`."""
    if power <= alpha:
        return 0.0
    farthest = ndtri(1 - alpha / 2) + abs(ndtri(power)) + 1
    return float(brentq(lambda errors: _power(errors, alpha) - power, 0, farthest, xtol=1e-12))


def _growth_needed(
    lift: float, relative_variance: float, so_far: Arms, per_day: Arms, alpha: float, power: float
) -> float:
    """Return the d with 1 / (n_V + d r_V) + (1 + δ)² / (n_C + d r_C) as small as it has to be.

    Multiplied out it is a quadratic with one root that is not negative, unless d = 0 is enough.
    """
    errors = _errors_needed(alpha, power)
    if errors == 0:
        return 0.0
    target = (lift / errors) ** 2 / relative_variance
    weight = (1 + lift) ** 2
    a = target * per_day.variant * per_day.control
    b = (
        target * (so_far.variant * per_day.control + so_far.control * per_day.variant)
        - per_day.control
        - weight * per_day.variant
    )
    c = target * so_far.variant * so_far.control - so_far.control - weight * so_far.variant
    return (-b + sqrt(b * b - 4 * a * c)) / (2 * a)
