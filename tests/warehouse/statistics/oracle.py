"""The figures of one lift row computed a second time: exact fractions first, scipy at the end."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scipy import integrate, optimize, stats

from tests.warehouse.statistics.scenarios import Unit

ALPHA, POWER, TUNING_VISITORS = 0.05, 0.8, 5000
PRIOR_MEAN, PRIOR_STDDEV = 0.0, 0.3
LOG_OF_LARGEST_DOUBLE = math.log(sys.float_info.max)

Figures = dict[str, Any]


@dataclass(frozen=True)
class Moments:
    """One side of a contrast."""

    units: int
    total: Fraction
    mean: Fraction | None
    variance: Fraction | None


def observations(metric: str, units: Sequence[Unit]) -> tuple[list[int], list[int], int]:
    """Numerator and denominator of the metric, a unit each, and what one is divided by."""
    ones = [1] * len(units)
    match metric:
        case "conversion_rate":
            return [int(unit.conversions > 0) for unit in units], ones, 1
        case "conversions_per_visitor":
            return [unit.conversions for unit in units], ones, 1
        case "value_per_visitor":
            return [unit.value for unit in units], ones, 10_000
        case _:
            return [unit.value for unit in units], [unit.valued for unit in units], 10_000


def covariance(a: Sequence[int], b: Sequence[int]) -> Fraction:
    """The sample covariance, ddof 1, without rounding."""
    n = len(a)
    cross = sum(p * q for p, q in zip(a, b, strict=True))
    return Fraction(n * cross - sum(a) * sum(b), n * (n - 1))


def moments(metric: str, units: Sequence[Unit]) -> Moments:
    """Mean and per-unit variance: v_y - 2 r c + r² v_w, over the squared mean denominator."""
    y, w, scale = observations(metric, units)
    n, weight, total = len(units), sum(w), Fraction(sum(y), scale)
    if weight == 0:
        return Moments(n, total, None, None)
    if n < 2:
        return Moments(n, total, total / weight, None)
    ratio = Fraction(sum(y), weight)
    spread = covariance(y, y) - 2 * ratio * covariance(y, w) + ratio**2 * covariance(w, w)
    return Moments(n, total, total / weight, spread * Fraction(n, weight * scale) ** 2)


def welch_freedom(a: Fraction, n: int, b: Fraction, m: int) -> float:
    """Welch-Satterthwaite."""
    return float((a + b) ** 2 / (a**2 / (n - 1) + b**2 / (m - 1)))


def rho_squared() -> float:
    """Of the confidence sequence."""
    return (-2 * math.log(ALPHA) + math.log(1 - 2 * math.log(ALPHA))) / TUNING_VISITORS


def sequential_quantile(n: int) -> float:
    """Half-width of the confidence sequence in standard errors."""
    q = n * rho_squared() + 1
    return math.sqrt(n) * math.sqrt(2 * q / (n**2 * rho_squared()) * math.log(math.sqrt(q) / ALPHA))


def always_valid_p(n: int, z: float) -> float:
    """The mixture p-value."""
    q = n * rho_squared() + 1
    return min(1.0, math.sqrt(q) * math.exp(-rho_squared() * n * z**2 / (2 * q)))


def smallest_detectable(variance: float, mean: float, control: int, variant: int) -> float | None:
    """By search for a sign change of δ - k √(…), not by the closed form."""
    k = stats.norm.ppf(1 - ALPHA / 2) + stats.norm.ppf(POWER)

    def surplus(delta: float) -> float:
        spread = variance / mean**2 * (1 / variant + (1 + delta) ** 2 / control)
        return delta - float(k) * math.sqrt(spread)

    if variance == 0 or surplus(1e9) < 0:
        return None
    return float(optimize.brentq(surplus, 0, 1e9, xtol=1e-300, rtol=1e-14, maxiter=10_000))


def posterior(lift: float, error: float) -> tuple[float, float]:
    """Chance to beat control, and expected loss by integrating the shortfall."""
    precision = 1 / error**2 + 1 / PRIOR_STDDEV**2
    mean = (lift / error**2 + PRIOR_MEAN / PRIOR_STDDEV**2) / precision
    stddev = precision**-0.5
    loss, _ = integrate.quad(  # over z = (lift - mean) / stddev, as far as the lift is below zero
        lambda z: -(mean + stddev * z) * stats.norm.pdf(z),
        -12,
        max(-12, min(12, -mean / stddev)),
        epsabs=1e-14,
        epsrel=1e-11,
        limit=500,
    )
    return float(stats.norm.cdf(mean / stddev)), loss


def figures(metric: str, control_units: Sequence[Unit], variant_units: Sequence[Unit]) -> Figures:
    """Everything one look at one contrast says; what is absent is NULL."""
    control, variant = moments(metric, control_units), moments(metric, variant_units)
    found: Figures = {
        "control_visitors": control.units,
        "control_converters": sum(unit.conversions > 0 for unit in control_units),
        "control_total": control.total,
        "control_mean": control.mean,
        "variant_visitors": variant.units,
        "variant_converters": sum(unit.conversions > 0 for unit in variant_units),
        "variant_total": variant.total,
        "variant_mean": variant.mean,
    }
    m, k = variant.mean, control.mean
    if k and control.variance is not None and variant.units:
        found["minimum_detectable_effect"] = smallest_detectable(
            float(control.variance), float(k), control.units, variant.units
        )
    if m is None or k is None:
        return found
    found["absolute_difference"] = m - k
    if k:
        found["lift"] = (m - k) / abs(k)
    if control.variance is None or variant.variance is None:
        return found
    a, b = control.variance / control.units, variant.variance / variant.units
    if k:
        relative = math.sqrt(b / k**2 + a * m**2 / k**4)
        found["standard_error"] = relative
        if relative:
            chance, loss = posterior(float(found["lift"]), relative)
            found |= {"chance_to_beat_control": chance, "expected_loss": loss}
    if a + b == 0:
        return found
    error, freedom = math.sqrt(a + b), welch_freedom(a, control.units, b, variant.units)
    z, n = float(m - k) / error, control.units + variant.units
    half = float(stats.t.ppf(1 - ALPHA / 2, freedom)) * error
    found |= {
        "p_value": float(2 * stats.t.sf(abs(z), freedom)),
        "absolute_ci_lower": float(m - k) - half,
        "absolute_ci_upper": float(m - k) + half,
        "always_valid_p_value": always_valid_p(n, z),
    }
    if m > 0 and k > 0:
        a, b = a / k**2, b / m**2
        log_error = math.sqrt(a + b)
        fixed = float(stats.t.ppf(1 - ALPHA / 2, welch_freedom(a, control.units, b, variant.units)))
        for name, quantile in [("lift", fixed), ("sequential", sequential_quantile(n))]:
            if math.log(m / k) + quantile * log_error < LOG_OF_LARGEST_DOUBLE:
                found[f"{name}_ci_lower"] = float(m / k) * math.exp(-quantile * log_error) - 1
                found[f"{name}_ci_upper"] = math.exp(math.log(m / k) + quantile * log_error) - 1
    return found
