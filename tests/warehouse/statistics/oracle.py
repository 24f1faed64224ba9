"""The figures of one contrast by the oracle's formulas, under the names that are published."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from tests.warehouse.oracle.statistics import ArmSums, StatisticsSettings, compare
from tests.warehouse.statistics.scenarios import Unit

SETTINGS = StatisticsSettings()

Figures = dict[str, Any]


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


def arm_sums(metric: str, units: Sequence[Unit]) -> ArmSums:
    """The exact sums over the units of an arm."""
    y, w, scale = observations(metric, units)
    return ArmSums(
        units=len(units),
        y=Fraction(sum(y), scale),
        yy=Fraction(sum(p * p for p in y), scale**2),
        d=sum(w),
        dd=sum(q * q for q in w),
        yd=Fraction(sum(p * q for p, q in zip(y, w, strict=True)), scale),
        is_ratio=metric == "value_per_conversion",
    )


def figures(metric: str, control_units: Sequence[Unit], variant_units: Sequence[Unit]) -> Figures:
    """Everything one look at one contrast says; what is absent is null."""
    found: Figures = {}
    sums = []
    for side, units in [("control", control_units), ("variant", variant_units)]:
        arm = arm_sums(metric, units)
        sums.append(arm)
        found |= {
            f"{side}_visitors": arm.units,
            f"{side}_converters": sum(unit.conversions > 0 for unit in units),
            f"{side}_total": arm.y,
            f"{side}_mean": arm.mean,
        }
    for name, figure in vars(compare(*sums, SETTINGS)).items():
        if name.endswith("_ci"):
            found[f"{name}_lower"], found[f"{name}_upper"] = figure or (None, None)
        else:
            found[name] = figure
    return found
