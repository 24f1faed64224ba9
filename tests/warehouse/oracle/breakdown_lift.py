"""Rows of `rpt_lift_by_breakdown`: the lift among the units of each value of a breakdown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.warehouse.oracle.assignments import Grain
from tests.warehouse.oracle.exposures import CONTROL, PERSONALIZED, Unit
from tests.warehouse.oracle.looks import (
    NO_VARIANT,
    VALUE_METRICS,
    Arm,
    arm_of,
    compare_arms,
    metrics_of,
)
from tests.warehouse.oracle.outcomes import UnitOutcome
from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.oracle.unit_rows import experience_of, mixed_currencies

Row = dict[str, Any]


def breakdown_lifts(
    units: Iterable[UnitOutcome],
    breakdowns: Mapping[tuple[Grain, Unit], Row],
    settings: OracleSettings,
) -> list[Row]:
    """One row per grain, conversion, metric, variant, breakdown and value of counted `units`."""
    units = list(units)
    mixed = mixed_currencies(units)
    cells: defaultdict[tuple[Grain, str, str, str], list[UnitOutcome]] = defaultdict(list)
    for unit in units:
        grain = unit.assignment.grain
        for column, value in breakdowns[grain, unit.assignment.unit].items():
            cells[grain, unit.conversion, column, _text(value)].append(unit)
    conversions = {conversion.name: conversion for conversion in settings.conversions}
    return [
        {
            **grain._asdict(),
            "conversion": name,
            "is_main": conversions[name].main,
            "metric": metric,
            "variant": variant,
            "breakdown": column,
            "value": value,
            **_figures(control, treated, settings),
        }
        for (grain, name, column, value), members in cells.items()
        for metric in metrics_of(conversions[name])
        for variant, control, treated in _contrasts(
            members, metric, metric in VALUE_METRICS and experience_of(members[0]) in mixed
        )
    ]


def _text(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value


def _contrasts(
    units: Sequence[UnitOutcome], metric: str, is_void: bool
) -> Iterable[tuple[str, Arm, Arm]]:
    """Each variant beside control; without one of them, control alone."""
    control = [unit for unit in units if unit.assignment.arm == CONTROL]
    treated: defaultdict[str, list[UnitOutcome]] = defaultdict(list)
    for unit in units:
        if unit.assignment.arm == PERSONALIZED:
            treated[unit.assignment.variant].append(unit)
    for variant, members in treated.items() if treated else [(NO_VARIANT, [])]:
        yield variant, arm_of(control, metric, is_void), arm_of(members, metric, is_void)


def _figures(control: Arm, variant: Arm, settings: OracleSettings) -> Row:
    comparison = compare_arms(control, variant, settings)
    lower, upper = comparison.lift_ci or (None, None)
    smallest = min(control.visitors, variant.visitors)
    return {
        "control_visitors": control.visitors,
        "control_converters": control.converters,
        "control_mean": control.mean,
        "variant_visitors": variant.visitors,
        "variant_converters": variant.converters,
        "variant_mean": variant.mean,
        "lift": comparison.lift,
        "lift_ci_lower": lower,
        "lift_ci_upper": upper,
        # What is insufficient data for a status.
        "is_small": smallest < max(2, settings.min_visitors)
        or control.converters + variant.converters < settings.min_converters,
    }
