"""The macros of the published file against scipy and the formulas they stand for."""

from __future__ import annotations

import math
from collections.abc import Iterator

import duckdb
import pytest
from scipy import stats

from jobs.config.operations import StatisticsSettings
from jobs.publish.analyst_macros import create_macros

# Of each unit: arm, device, conversions, conversions with a value, value.
UNITS = [
    ("control", "phone", 1, 1, 10.0), ("control", "phone", 0, 0, 0.0),
    ("control", "desk", 2, 1, 8.0), ("control", "desk", 0, 0, 0.0), ("control", "desk", 0, 0, 0.0),
    ("personalized", "phone", 1, 1, 7.5), ("personalized", "phone", 3, 3, 30.0),
    ("personalized", "desk", 1, 1, 9.0), ("personalized", "desk", 0, 0, 0.0),
]  # fmt: skip
CUBE = """
create or replace table fct_experience_cube as
select
    'mutiny' as vendor, 'Home' as experience, '(all)' as audience_segment, null::date as period,
    'order' as conversion, arm as variant, arm, device, device = 'phone' as segment_mobile,
    count(*) as visitors, count(*) filter (where c > 0) as converters,
    sum(c) as conversions, sum(c * c) as conversions_sum_squares,
    sum(w) as valued_conversions, sum(w * w) as valued_conversions_sum_squares,
    sum(v) as value_sum, sum(v * v) as value_sum_squares, sum(v * w) as value_valued_conversions_sum
from units
group by all
"""
BREAKDOWNS = """
create or replace table rpt_lift_by_breakdown as
select breakdown from (values ('device'), ('segment_mobile'), ('device')) as all_of (breakdown)
"""
IDENTIFIERS = """
create table dim_identifiers as
select *
from (
    values
    ('anonymous_id', 'd1', 'user_id:u1', null, timestamp '2026-05-01 10:00:00.000001'),
    ('anonymous_id', 'd1', 'user_id:u2', timestamp '2026-05-01 10:00:00.000001', null)
) as owned (id_type, id_value, person_id, owned_from, owned_to)
"""
# The steps of two persons, over a table with the column that the macro's own parameter is about.
JOURNEY = """
create table steps as
select * from (
    values
    ('user_id:u1', timestamp '2026-05-02', 'exposure'),
    ('user_id:u1', timestamp '2026-05-01', 'page'),
    ('user_id:u2', timestamp '2026-05-01', 'page')
) as made (person_id, occurred_at, kind);
create view rpt_journey as
select
    person_id, row_number() over (partition by person_id order by occurred_at) as seq, occurred_at,
    kind, 'Home' as label, null::varchar as detail, 'web' as source, 'm' as message_id
from steps
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create table units (arm varchar, device varchar, c int, w int, v double)")
        con.executemany("insert into units values (?, ?, ?, ?, ?)", UNITS)
        con.execute(CUBE)
        con.execute(BREAKDOWNS)
        con.execute(IDENTIFIERS)
        create_macros(con, StatisticsSettings())
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
    by, condition = ("device", f"device = '{device}'") if device else ("'(all)'", "true")
    ((value, n_c, m_c, n_t, m_t, lift, lower, upper),) = con.execute(
        "select value, control_visitors, control_mean, variant_visitors, variant_mean, lift,"
        f" lift_ci_lower, lift_ci_upper"
        f" from lift_by({by}, condition := {condition}, metric := '{metric}', alpha := 0.1)"
    ).fetchall()
    control, variant = figures(metric, "control", device), figures(metric, "personalized", device)
    assert (value, n_c, n_t) == (device or "(all)", control[0], variant[0])
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


@pytest.mark.parametrize(
    ("text", "column"), [("device", "device"), ("segment_mobile", "segment_mobile::varchar")]
)
def test_lift_by_takes_the_name_of_a_breakdown_as_text(
    con: duckdb.DuckDBPyConnection, text: str, column: str
) -> None:
    expected = con.execute(f"from lift_by({column})").fetchall()
    assert len(expected) == 2
    assert con.execute(f"from lift_by('{text}')").fetchall() == expected
    assert con.execute("from lift_by(?)", [text]).fetchall() == expected


@pytest.mark.parametrize(
    "constant",
    ["'plan'", "'visitors'", "''", "'it''s \"one\"'", "'$~/'", "'device '", "'plan'::varchar", "7"],
)
def test_lift_by_refuses_a_text_that_is_no_breakdown(
    con: duckdb.DuckDBPyConnection, constant: str
) -> None:
    with pytest.raises(
        duckdb.Error, match=r"is not a breakdown; available: device, segment_mobile\. Add others"
    ):
        con.execute(f"from lift_by({constant})")


def test_lift_by_says_that_no_breakdown_is_configured(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("delete from rpt_lift_by_breakdown")
    with pytest.raises(duckdb.Error, match="'device' is not a breakdown; none is configured"):
        con.execute("from lift_by('device')")


def test_lift_by_is_over_everybody_by_default(con: duckdb.DuckDBPyConnection) -> None:
    ((value, visitors),) = con.execute("select value, control_visitors from lift_by()").fetchall()
    assert (value, visitors) == ("(all)", 5)


def test_lift_by_marks_what_is_too_small_to_conclude_from(con: duckdb.DuckDBPyConnection) -> None:
    create_macros(con, StatisticsSettings(min_visitors=2, min_converters=3))
    found = con.execute("select value, is_small from lift_by(device)").fetchall()
    assert found == [("desk", True), ("phone", False)]
    found = con.execute("select is_small from lift_by(device, min_visitors := 3)").fetchall()
    assert found == [(True,), (True,)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("metric := 'rate'", "'rate' is not a metric: write conversion_rate, "),
        ("alpha := 5", "alpha must lie between 0 and 1; 5 does not"),
        ("alpha := 0", "alpha must lie between 0 and 1; 0 does not"),
    ],
)
def test_lift_by_refuses_other_arguments_that_mean_nothing(
    con: duckdb.DuckDBPyConnection, arguments: str, message: str
) -> None:
    with pytest.raises(duckdb.Error, match=message):
        con.execute(f"from lift_by(device, {arguments})")


@pytest.mark.parametrize("metric", ["conversion_rate", "value_per_conversion"])
def test_lift_by_counts_in_whole_numbers_that_every_client_knows(
    con: duckdb.DuckDBPyConnection, metric: str
) -> None:
    con.execute(f"create table lifts as from lift_by(device, metric := '{metric}')")
    types = dict(con.execute("select column_name, column_type from (describe lifts)").fetchall())
    assert types["control_visitors"] == types["variant_visitors"] == "BIGINT"
    assert set(types.values()) == {"VARCHAR", "DATE", "BIGINT", "DOUBLE", "BOOLEAN"}


def test_person_at_is_the_owner_of_the_moment(con: duckdb.DuckDBPyConnection) -> None:
    def owner(moment: str) -> list[tuple[str]]:
        return con.execute(
            "select person_id"
            f" from person_at('anonymous_id', 'd1', timestamp '2026-05-01 {moment}')"
        ).fetchall()

    assert owner("10:00:00") == [("user_id:u1",)]
    assert owner("10:00:00.000001") == [("user_id:u2",)]


def test_person_at_refuses_a_type_of_identifier_that_there_is_not(
    con: duckdb.DuckDBPyConnection,
) -> None:
    with pytest.raises(duckdb.Error, match="'anonymousId' is not a type of identifier: write user"):
        con.execute("from person_at('anonymousId', 'd1', timestamp '2026-05-01')")


def test_person_timeline_is_what_one_person_did_in_order(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(JOURNEY)
    create_macros(con, StatisticsSettings())
    found = con.execute("select seq, kind from person_timeline('user_id:u1')").fetchall()
    assert found == [(1, "page"), (2, "exposure")]
    assert con.execute("from person_timeline('user_id:u3')").fetchall() == []


def test_person_timeline_is_left_out_where_no_journey_is_published(
    con: duckdb.DuckDBPyConnection,
) -> None:
    with pytest.raises(duckdb.CatalogException, match="person_timeline"):
        con.execute("from person_timeline('user_id:u1')")
