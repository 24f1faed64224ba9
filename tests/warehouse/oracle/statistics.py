"""The formulas: from exact sums per arm to the figures of one comparison."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from tests.warehouse.oracle.settings import OracleSettings

LOG_OF_LARGEST_DOUBLE = math.log(sys.float_info.max)


@dataclass(frozen=True)
class ArmSums:
    """Additive sums over the units of an arm, exact. A mean is y per unit or per denominator d."""

    units: int = 0
    y: Fraction = Fraction(0)
    yy: Fraction = Fraction(0)
    d: int = 0
    dd: int = 0
    yd: Fraction = Fraction(0)
    is_ratio: bool = False

    @classmethod
    def of(cls, pairs: Iterable[tuple[Fraction | int, int]], is_ratio: bool = False) -> ArmSums:
        """The sums of (numerator, denominator) per unit."""
        sums = cls(is_ratio=is_ratio)
        for y, d in pairs:
            exact = Fraction(y)
            sums = replace(
                sums,
                units=sums.units + 1,
                y=sums.y + exact,
                yy=sums.yy + exact * exact,
                d=sums.d + d,
                dd=sums.dd + d * d,
                yd=sums.yd + exact * d,
            )
        return sums

    @property
    def mean(self) -> Fraction | None:
        """y over units, or over d for a ratio; None without any."""
        below = self.d if self.is_ratio else self.units
        return self.y / below if below else None

    @property
    def variance(self) -> Fraction | None:
        """Sample variance (ddof 1) of a unit's contribution; the delta method's for a ratio."""
        n, mean = self.units, self.mean
        if n < 2 or mean is None:
            return None

        def covariance(cross: Fraction | int, a: Fraction | int, b: Fraction | int) -> Fraction:
            return (cross - Fraction(a) * b / n) / (n - 1)

        if not self.is_ratio:
            return covariance(self.yy, self.y, self.y)
        mean_d = Fraction(self.d, n)
        v_y = covariance(self.yy, self.y, self.y)
        v_d = covariance(self.dd, self.d, self.d)
        c_yd = covariance(self.yd, self.y, self.d)
        return (v_y - 2 * mean * c_yd + mean * mean * v_d) / mean_d**2


@dataclass(frozen=True)
class Comparison:
    """The figures of one variant against control; None is what cannot be computed."""

    lift: float | None = None
    lift_ci: tuple[float, float] | None = None
    absolute_difference: float | None = None
    absolute_ci: tuple[float, float] | None = None
    p_value: float | None = None
    sequential_ci: tuple[float, float] | None = None
    always_valid_p_value: float | None = None
    chance_to_beat_control: float | None = None
    expected_loss: float | None = None
    standard_error: float | None = None
    minimum_detectable_effect: float | None = None
    has_no_variance: bool = False


def welch_dof(a: float, n_a: int, b: float, n_b: int) -> float:
    """Welch-Satterthwaite degrees of freedom of two squared standard errors."""
    return (a + b) ** 2 / (a**2 / (n_a - 1) + b**2 / (n_b - 1))


@lru_cache(maxsize=200_000)
def compare(control: ArmSums, variant: ArmSums, settings: StatisticsSettings) -> Comparison:
    """All figures of one comparison."""
    m_c, m_v = control.mean, variant.mean
    if m_c is None or m_v is None:
        return Comparison(
            minimum_detectable_effect=_detectable(control, variant, settings),
            # An arm without a mean varies as little as one that is constant.
            has_no_variance=min(control.units, variant.units) > 1
            and not control.variance
            and not variant.variance,
        )
    figures = Comparison(
        lift=float((m_v - m_c) / abs(m_c)) if m_c else None,
        absolute_difference=float(m_v - m_c),
        minimum_detectable_effect=_detectable(control, variant, settings),
    )
    v_c, v_v = control.variance, variant.variance
    if v_c is None or v_v is None:
        return figures
    if m_c:
        squared = v_v / (variant.units * m_c**2) + v_c * m_v**2 / (control.units * m_c**4)
        figures = replace(figures, standard_error=math.sqrt(squared))
    if v_c == 0 and v_v == 0:
        return replace(figures, has_no_variance=True)
    figures = _absolute(figures, control, variant, settings)
    if m_c > 0 and m_v > 0:
        figures = _logarithmic(figures, control, variant, settings)
    return _posterior(figures, settings)


@dataclass(frozen=True)
class StatisticsSettings:
    """What the formulas need of the settings, hashable."""

    alpha: float = 0.05
    power: float = 0.8
    tuning_visitors: int = 5000
    prior_mean: float = 0.0
    prior_stddev: float = 0.3

    @classmethod
    def of(cls, settings: OracleSettings) -> StatisticsSettings:
        return cls(
            settings.alpha,
            settings.power,
            settings.tuning_visitors,
            settings.prior_mean,
            settings.prior_stddev,
        )


def _moments(arm: ArmSums) -> tuple[int, float, float]:
    mean, variance = arm.mean, arm.variance
    assert mean is not None and variance is not None  # noqa: PT018
    return arm.units, float(mean), float(variance)


def _sequential(units: int, settings: StatisticsSettings) -> tuple[float, float]:
    """rho squared for the experiment, and q for the units so far."""
    log_alpha = math.log(settings.alpha)
    rho2 = (-2 * log_alpha + math.log(1 - 2 * log_alpha)) / settings.tuning_visitors
    return rho2, units * rho2 + 1


def _absolute(
    figures: Comparison, control: ArmSums, variant: ArmSums, settings: StatisticsSettings
) -> Comparison:
    """Welch's t on the absolute difference, and the mixture p of the same z."""
    assert figures.absolute_difference is not None
    n_c, _, v_c = _moments(control)
    n_v, _, v_v = _moments(variant)
    error = math.sqrt(v_c / n_c + v_v / n_v)
    dof = welch_dof(v_c / n_c, n_c, v_v / n_v, n_v)
    difference = figures.absolute_difference
    z = difference / error
    half = float(stdtrit(dof, 1 - settings.alpha / 2)) * error
    units = n_c + n_v
    rho2, q = _sequential(units, settings)
    return replace(
        figures,
        p_value=float(2 * stdtr(dof, -abs(z))),
        absolute_ci=(difference - half, difference + half),
        always_valid_p_value=min(1.0, math.sqrt(q) * math.exp(-rho2 * units * z**2 / (2 * q))),
    )


def _logarithmic(
    figures: Comparison, control: ArmSums, variant: ArmSums, settings: StatisticsSettings
) -> Comparison:
    """The log interval, and the same with the t quantile replaced by h / se."""
    n_c, m_c, v_c = _moments(control)
    n_v, m_v, v_v = _moments(variant)
    a, b = v_c / (n_c * m_c**2), v_v / (n_v * m_v**2)
    spread, dof, ratio = math.sqrt(a + b), welch_dof(a, n_c, b, n_v), m_v / m_c

    def interval(quantile: float) -> tuple[float, float] | None:
        if math.log(ratio) + quantile * spread > LOG_OF_LARGEST_DOUBLE:
            return None  # its end is beyond a double: never infinity
        return (
            ratio * math.exp(-quantile * spread) - 1,
            math.exp(math.log(ratio) + quantile * spread) - 1,
        )

    units = n_c + n_v
    rho2, q = _sequential(units, settings)
    h_over_se = math.sqrt(units) * math.sqrt(
        2 * q / (units**2 * rho2) * math.log(math.sqrt(q) / settings.alpha)
    )
    return replace(
        figures,
        lift_ci=interval(float(stdtrit(dof, 1 - settings.alpha / 2))),
        sequential_ci=interval(h_over_se),
    )


def _posterior(figures: Comparison, settings: StatisticsSettings) -> Comparison:
    """Normal posterior on the lift: chance to beat control, and the loss of shipping."""
    if figures.lift is None or not figures.standard_error:
        return figures
    data, prior = 1 / figures.standard_error**2, 1 / settings.prior_stddev**2
    weight = data + prior
    mean = (figures.lift * data + settings.prior_mean * prior) / weight
    sigma = weight**-0.5
    density = math.exp(-((mean / sigma) ** 2) / 2) / math.sqrt(2 * math.pi)
    return replace(
        figures,
        chance_to_beat_control=float(ndtr(mean / sigma)),
        expected_loss=float(sigma * density - mean * ndtr(-mean / sigma)),
    )


def _detectable(control: ArmSums, variant: ArmSums, settings: StatisticsSettings) -> float | None:
    """The smallest positive root of delta = k sqrt(v_C / m_C^2 (1 / n_V + (1 + delta)^2 / n_C))."""
    if not control.mean or not control.variance or not variant.units:
        return None
    k = float(ndtri(1 - settings.alpha / 2) + ndtri(settings.power))
    spread = k**2 * float(control.variance / control.mean**2)
    a, b = spread / variant.units, spread / control.units
    if b >= 1:
        return None  # (1 - b) x^2 - 2 b x - (a + b) is negative for every positive x
    return (b + math.sqrt(b**2 + (1 - b) * (a + b))) / (1 - b)


def chi_square(observed: Mapping[str, int], weights: Mapping[str, float]) -> float | None:
    """p of the counts against the shares `weights` of all keys; None for fewer than two."""
    expected_over = {key: weight for key, weight in weights.items() if weight > 0}
    total = sum(observed.get(key, 0) for key in expected_over)
    if len(expected_over) < 2 or total == 0:
        return None
    whole = math.fsum(expected_over.values())
    statistic = math.fsum(  # the same in any order of the cells
        (observed.get(key, 0) - total * weight / whole) ** 2 / (total * weight / whole)
        for key, weight in expected_over.items()
    )
    return float(chdtrc(len(expected_over) - 1, statistic))


def largest_deviation(observed: Mapping[str, int], weights: Mapping[str, float]) -> float:
    """The largest difference between an observed and an expected share."""
    total = sum(observed.get(key, 0) for key in weights)
    whole = sum(weights.values())
    return max(abs(observed.get(key, 0) / total - weights[key] / whole) for key in weights)


def heterogeneity(table: Iterable[tuple[int, int]]) -> tuple[float, float] | None:
    """Range of the first column's share over rows, and Pearson's p; None when not defined."""
    rows = [row for row in table if sum(row) > 0]
    columns = [sum(row[i] for row in rows) for i in (0, 1)]
    if len(rows) < 2 or 0 in columns:
        return None
    total = sum(columns)
    statistic = math.fsum(
        (count - sum(row) * column / total) ** 2 / (sum(row) * column / total)
        for row in rows
        for count, column in zip(row, columns, strict=True)
    )
    shares = [row[0] / sum(row) for row in rows]
    return max(shares) - min(shares), float(chdtrc(len(rows) - 1, statistic))
