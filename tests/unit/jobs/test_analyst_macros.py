"""The macros of the published file against scipy and the formulas they stand for."""

from __future__ import annotations

import math
from collections.abc import Iterator

import duckdb
import pytest
from scipy import stats

from jobs.analyst_macros import LIFT_BY, NORMAL_QUANTILE

# Of each unit: arm, device, conversions, conversions with a value, value.
UNITS = [
    ("control", "phone", 1, 1, 10.0), ("control", "phone", 0, 0, 0.0),
    ("control", "desk", 2, 1, 8.0), ("control", "desk", 0, 0, 0.0), ("control", "desk", 0, 0, 0.0),
    ("personalized", "phone", 1, 1, 7.5), ("personalized", "phone", 3, 3, 30.0),
    ("personalized", "desk", 1, 1, 9.0), ("personalized", "desk", 0, 0, 0.0),
]  # fmt: skip
CUBE = """
create table fct_experience_cube as
select
    'mutiny' as vendor, 'Home' as experience, '(all)' as audience_segment, null::date as period,
    'order' as conversion, arm as variant, arm, device,
    count(*) as visitors, count(*) filter (where c > 0) as converters,
    sum(c) as conversions, sum(c * c) as conversions_sum_squares,
    sum(w) as valued_conversions, sum(w * w) as valued_conversions_sum_squares,
    sum(v) as value_sum, sum(v * v) as value_sum_squares, sum(v * w) as value_valued_conversions_sum
from units
group by all
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create table units (arm varchar, device varchar, c int, w int, v double)")
        con.executemany("insert into units values (?, ?, ?, ?, ?)", UNITS)
        con.execute(CUBE)
        con.execute(NORMAL_QUANTILE)
        con.execute(LIFT_BY)
        yield con


@pytest.mark.parametrize(
    "p", [1e-15, 1e-6, 0.001, 0.025, 0.074, 0.076, 0.3, 0.5, 0.8, 0.975, 1 - 1e-9]
)
def test_normal_quantile_has_six_digits(con: duckdb.DuckDBPyConnection, p: float) -> None:
    ((found,),) = con.execute("select normal_quantile(?::double)", [p]).fetchall()
    assert found == pytest.approx(stats.norm.ppf(p), rel=1e-6)


@pytest.mark.parametrize("p", [0, 1, -0.1, 2, None])
def test_normal_quantile_is_null_beyond_its_domain(
    con: duckdb.DuckDBPyConnection, p: float | None
) -> None:
    assert con.execute("select normal_quantile(?::double)", [p]).fetchall() == [(None,)]


def figures(metric: str, arm: str, device: str | None = None) -> tuple[int, float, float]:
    """Units, mean and the squared standard error of its logarithm, by the delta method."""
    units = [unit for unit in UNITS if unit[0] == arm and device in (None, unit[1])]
    y, w = {
        "conversion_rate": ([float(c > 0) for *_, c, _, _ in units], [1.0] * len(units)),
        "conversions_per_visitor": ([float(c) for *_, c, _, _ in units], [1.0] * len(units)),
        "value_per_visitor": ([v for *_, v in units], [1.0] * len(units)),
        "value_per_conversion": ([v for *_, v in units], [float(w) for *_, w, _ in units]),
    }[metric]
    mean = sum(y) / sum(w)
    n = len(units)
    residuals = [one - mean * weight for one, weight in zip(y, w, strict=True)]
    variance = sum(one**2 for one in residuals) / (n - 1) / (sum(w) / n) ** 2
    return n, mean, variance / n / mean**2


@pytest.mark.parametrize("device", [None, "phone", "desk"])
@pytest.mark.parametrize(
    "metric",
    ["conversion_rate", "conversions_per_visitor", "value_per_visitor", "value_per_conversion"],
)
def test_lift_by_is_the_log_interval_with_the_normal_quantile(
    con: duckdb.DuckDBPyConnection, metric: str, device: str | None
) -> None:
    by, condition = ("device", f"device = '{device}'") if device else ("'all'", "true")
    ((value, n_c, m_c, n_t, m_t, lift, lower, upper),) = con.execute(
        "select value, control_visitors, control_mean, variant_visitors, variant_mean, lift,"
        f" lift_ci_lower, lift_ci_upper"
        f" from lift_by({by}, condition := {condition}, metric := '{metric}', alpha := 0.1)"
    ).fetchall()
    control, variant = figures(metric, "control", device), figures(metric, "personalized", device)
    assert (value, n_c, n_t) == (device or "all", control[0], variant[0])
    assert (m_c, m_t) == pytest.approx((control[1], variant[1]))
    assert lift == pytest.approx(variant[1] / control[1] - 1)
    error = stats.norm.ppf(0.95) * math.sqrt(control[2] + variant[2])
    if error == 0:
        assert (lower, upper) == (None, None)
    else:
        assert lower == pytest.approx((1 + lift) * math.exp(-error) - 1, rel=1e-5)
        assert upper == pytest.approx((1 + lift) * math.exp(error) - 1, rel=1e-5)


def test_lift_by_takes_several_breakdowns_together(con: duckdb.DuckDBPyConnection) -> None:
    found = con.execute(
        "select value from lift_by({'d': device, 'p': device = 'phone'})"
    ).fetchall()
    assert [value for (value,) in found] == [{"d": "desk", "p": False}, {"d": "phone", "p": True}]
