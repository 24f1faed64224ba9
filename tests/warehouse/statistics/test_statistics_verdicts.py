"""Which rows stand, what they run up to, and the status they carry."""

from __future__ import annotations

import datetime
import operator
from itertools import accumulate

import pytest

from tests.warehouse.statistics.scenarios import FIRST_DAY, Row

GRAIN = [
    "vendor",
    "experience",
    "audience_segment",
    "period",
    "conversion",
    "metric",
    "variant",
]


def statuses(rows: list[Row], experience: str, metric: str = "conversion_rate") -> set[str]:
    """Of the experience's (all) rows of one metric."""
    return {
        row["status"]
        for row in rows
        if (row["experience"], row["audience_segment"], row["metric"])
        == (experience, "(all)", metric)
    }


@pytest.mark.parametrize(
    ("experience", "status"),
    [
        ("no control", "no_control_arm"),
        ("no control counted", "no_control_arm"),
        ("nobody counted", "no_control_arm"),
        ("no variant", "no_treatment_arm"),
        ("no variant counted", "no_treatment_arm"),
        ("zero control", "zero_control_rate"),
        ("all converted", "zero_variance"),
        ("one control unit", "insufficient_data"),
        ("one variant unit", "insufficient_data"),
        ("one unit each", "insufficient_data"),
        ("too few converters", "insufficient_data"),
        ("too few visitors", "insufficient_data"),
        ("won", "winner"),
        ("lost", "loser"),
        ("undecided", "inconclusive"),
        ("contradicted", "inconclusive"),
        ("zero variant", "inconclusive"),
        ("split missed", "sample_ratio_mismatch"),
        ("split with an empty arm", "sample_ratio_mismatch"),
        ("split missed by one point", "inconclusive"),
        ("split by arm", "inconclusive"),
        ("no split", "inconclusive"),
        ("split of strangers", "inconclusive"),
        ("uneven segments", "sample_ratio_mismatch"),
        ("even segments", "inconclusive"),
    ],
)
def test_status_is_the_first_that_holds(lifts: list[Row], experience: str, status: str) -> None:
    assert statuses(lifts, experience) == {status}


def test_status_takes_a_missing_mean_for_zero(lifts: list[Row]) -> None:
    assert statuses(lifts, "without values", "value_per_conversion") == {"zero_control_rate"}


def test_status_zero_variance_of_a_ratio_is_exact(lifts: list[Row]) -> None:
    assert statuses(lifts, "all converted alike", "value_per_visitor") == {"zero_variance"}
    assert statuses(lifts, "all converted alike", "value_per_conversion") == {"zero_variance"}


def test_segments_keep_their_verdict_when_their_arm_shares_differ(lifts: list[Row]) -> None:
    found = {
        row["status"]
        for row in lifts
        if row["experience"] == "uneven segments"
        and row["audience_segment"] in {"small", "large"}
        and row["metric"] == "conversion_rate"
    }
    assert found == {"inconclusive"}


def test_segment_whose_last_window_closed_stays_in_the_comparison(daily: list[Row]) -> None:
    found = {
        row["as_of_date"]
        for row in daily
        if row["experience"] == "uneven segments"
        and row["audience_segment"] == "(all)"
        and row["status"] == "sample_ratio_mismatch"
    }
    assert found == {FIRST_DAY + datetime.timedelta(days=day) for day in range(3)}


def test_sample_ratio_of_one_variant_is_null(lifts: list[Row]) -> None:
    found = {
        row["srm_p_value"]
        for row in lifts
        if row["experience"] in {"one variant left", "split of strangers", "o'clock"}
    }
    assert found == {None}


def test_variant_without_counted_units_has_no_row(lifts: list[Row], daily: list[Row]) -> None:
    def variants(rows: list[Row], day: int) -> set[str]:
        return {
            row["variant"]
            for row in rows
            if row["experience"] == "variant comes and goes"
            and row["as_of_date"] == FIRST_DAY + datetime.timedelta(days=day)
        }

    assert [variants(daily, day) for day in range(5)] == [
        {"early"},
        {"early"},
        {"(none)"},
        {"late"},
        {"late"},
    ]
    assert variants(lifts, 4) == {"late"}


def test_missing_variant_is_a_row_of_its_own(lifts: list[Row]) -> None:
    rows = [row for row in lifts if row["experience"] == "no variant counted"]
    assert {(row["variant"], row["arm"], row["variant_visitors"]) for row in rows} == {
        ("(none)", None, 0)
    }
    assert {row["control_visitors"] for row in rows} == {200}


def test_value_metrics_stand_only_where_a_value_is_configured(lifts: list[Row]) -> None:
    metrics = {
        (row["conversion"], row["metric"].startswith("value"))
        for row in lifts
        if row["experience"] == "plain"
    }
    assert metrics == {("order", False), ("order", True), ("signup", False)}


def histories(daily: list[Row]) -> list[list[Row]]:
    """The looks of each published row, in order of days."""
    found: dict[tuple[object, ...], list[Row]] = {}
    for row in sorted(daily, key=lambda row: row["as_of_date"]):
        found.setdefault(tuple(row[name] for name in GRAIN), []).append(row)
    return list(found.values())


def is_sufficient(row: Row) -> bool:
    visitors: int = min(row["control_visitors"], row["variant_visitors"])
    converters: int = row["control_converters"] + row["variant_converters"]
    return visitors >= 100 and converters >= 25


def test_running_figures_are_minimum_and_intersection_since_the_first_sufficient_look(
    daily: list[Row],
) -> None:
    for looks in histories(daily):
        started = list(accumulate(map(is_sufficient, looks), operator.or_))
        for day, look in enumerate(looks):
            counted = [each for each, on in zip(looks[: day + 1], started, strict=False) if on]
            lows, highs, p_values = (
                [each[name] for each in counted if each[name] is not None]
                for name in ["sequential_ci_lower", "sequential_ci_upper", "always_valid_p_value"]
            )
            low, high = max(lows, default=None), min(highs, default=None)
            if low is not None and high is not None and low > high:
                low = high = None
            found = (look["running_p_value"], look["running_ci_lower"], look["running_ci_upper"])
            assert found == (min(p_values, default=None), low, high)


def test_running_interval_of_contradicting_looks_is_empty(daily: list[Row]) -> None:
    (looks,) = (
        each
        for each in histories(daily)
        if each[0]["experience"] == "contradicted" and each[0]["metric"] == "conversion_rate"
    )
    assert [look["status"] for look in looks] == ["winner", "inconclusive"]
    assert looks[1]["running_p_value"] < 0.05
    assert looks[1]["running_ci_lower"] is None
    assert looks[1]["running_ci_upper"] is None


def test_published_row_is_the_last_look(lifts: list[Row], daily: list[Row]) -> None:
    adjusted = {"p_value_holm", "p_value_bh", "as_of_date"}  # of the experience, not of the row
    last: dict[tuple[object, ...], Row] = {}
    for row in sorted(daily, key=lambda row: row["as_of_date"]):
        if row["variant"] not in {"early", "(none)"} or row["experience"] != (
            "variant comes and goes"
        ):
            last[tuple(row[name] for name in GRAIN)] = row
    assert {tuple(row[name] for name in GRAIN) for row in lifts} == last.keys()
    for row in lifts:
        expected = last[tuple(row[name] for name in GRAIN)]
        assert {name: row[name] for name in expected.keys() - adjusted} == {
            name: expected[name] for name in expected.keys() - adjusted
        }
