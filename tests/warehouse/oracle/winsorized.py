"""Winsorising: the lift when no unit counts for more than a percentile of all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.oracle.statistics import ArmSums, Comparison, StatisticsSettings, compare


@dataclass(frozen=True)
class Winsorized:
    """The cap, and the comparison of the capped arms; None is what cannot be computed."""

    cap: float | None = None
    control_mean: float | None = None
    variant_mean: float | None = None
    comparison: Comparison = field(default_factory=Comparison)

    def columns(self) -> dict[str, Any]:
        lower, upper = self.comparison.lift_ci or (None, None)
        return {
            "winsorized_cap": self.cap,
            "winsorized_control_mean": self.control_mean,
            "winsorized_variant_mean": self.variant_mean,
            "winsorized_lift": self.comparison.lift,
            "winsorized_lift_ci_lower": lower,
            "winsorized_lift_ci_upper": upper,
            "winsorized_p_value": self.comparison.p_value,
        }


def winsorize(
    control: Sequence[int], variant: Sequence[int], scale: int, settings: OracleSettings
) -> Winsorized:
    """The lift of the units' totals, in so many to one, none above the cap.

    It is the ⌈p n⌉-th smallest of the n totals of both arms that are not zero. Without one above
    zero, or without units in an arm, there is none.
    """
    totals = sorted(total for total in [*control, *variant] if total)
    if settings.winsorize is None or not (totals and control and variant):
        return Winsorized()
    cap = totals[math.ceil(Fraction(str(settings.winsorize)) * len(totals)) - 1]
    if cap <= 0:
        return Winsorized()
    arms = [
        ArmSums.of((Fraction(min(total, cap), scale), 1) for total in arm)
        for arm in (control, variant)
    ]
    control_mean, variant_mean = (float(arm.y / arm.units) for arm in arms)
    comparison = compare(*arms, StatisticsSettings.of(settings))
    return Winsorized(cap / scale, control_mean, variant_mean, comparison)
