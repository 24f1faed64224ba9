"""CUPED: the lift without what units already did before they were exposed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from scipy.special import stdtr, stdtrit

from tests.warehouse.oracle.statistics import welch_dof

# The share of a squared error under which the adjusted one is rounding.
NEGLIGIBLE = Fraction(1, 1_000_000)


class UnitSums(NamedTuple):
    """Of one unit: numerator and denominator of the metric, and the earlier numerator."""

    y: int
    w: int
    x: int


@dataclass(frozen=True)
class Adjusted:
    """The adjusted figures of one variant against control; None is what cannot be computed."""

    lift: float | None = None
    ci: tuple[float, float] | None = None
    p_value: float | None = None
    variance_reduction: float | None = None


@dataclass(frozen=True)
class _Sample:
    """Units, what each contributes to their mean, and the moments of that and of x."""

    n: int
    mean: Fraction
    mean_x: Fraction
    v_u: Fraction
    v_x: Fraction
    c_ux: Fraction

    @classmethod
    def of(cls, units: Sequence[UnitSums]) -> _Sample | None:
        n, denominator = len(units), sum(unit.w for unit in units)
        if n < 2 or denominator == 0:
            return None
        mean = Fraction(sum(unit.y for unit in units), denominator)
        u = [(unit.y - mean * unit.w) * n / denominator for unit in units]
        x = [unit.x for unit in units]
        return cls(
            n=n,
            mean=mean,
            mean_x=Fraction(sum(x), n),
            v_u=_covariance(u, u),
            v_x=_covariance(x, x),
            c_ux=_covariance(u, x),
        )

    def variance(self, theta: Fraction, factor: Fraction | int = 1) -> Fraction:
        """The variance of factor * u - theta * x."""
        return factor**2 * self.v_u - 2 * theta * factor * self.c_ux + theta**2 * self.v_x


def _covariance(a: Sequence[Fraction | int], b: Sequence[Fraction | int]) -> Fraction:
    n = len(a)
    cross = sum(left * right for left, right in zip(a, b, strict=True))
    return Fraction(cross * n - sum(a) * sum(b)) / (n * (n - 1))


@lru_cache(maxsize=200_000)
def adjust(control: tuple[UnitSums, ...], variant: tuple[UnitSums, ...], alpha: float) -> Adjusted:
    """The adjusted figures, exact until a root or a quantile is taken.

    All of them are relative: y and x may be in any unit of money. Where next to nothing is left of
    a variance there is no interval and no p: of what doubles would find there few digits are true.
    """
    c, t, both = _Sample.of(control), _Sample.of(variant), _Sample.of(control + variant)
    if c is None or t is None or both is None or c.mean == 0:
        return Adjusted()
    theta = both.c_ux / both.v_x if both.v_x else Fraction(0)
    ratio = t.mean / c.mean
    unadjusted = t.v_u / t.n + ratio**2 * c.v_u / c.n
    if unadjusted == 0:
        return Adjusted()
    squared = t.variance(theta) / t.n + c.variance(theta, ratio) / c.n
    difference = (t.mean - theta * t.mean_x) - (c.mean - theta * c.mean_x)
    lift = float(difference / abs(c.mean))
    variance_reduction = float(1 - squared / unadjusted)
    e_t, e_c = t.variance(theta) / t.n, c.variance(theta) / c.n
    if e_t + e_c <= NEGLIGIBLE * (t.v_u / t.n + c.v_u / c.n) or squared <= NEGLIGIBLE * unadjusted:
        return Adjusted(lift, variance_reduction=variance_reduction)
    dof = welch_dof(float(e_t), t.n, float(e_c), c.n)
    half = float(stdtrit(dof, 1 - alpha / 2)) * math.sqrt(squared / c.mean**2)
    return Adjusted(
        lift=lift,
        ci=(lift - half, lift + half),
        p_value=float(2 * stdtr(dof, -abs(float(difference)) / math.sqrt(e_t + e_c))),
        variance_reduction=variance_reduction,
    )
