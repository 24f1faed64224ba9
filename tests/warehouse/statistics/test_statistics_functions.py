"""The distribution functions of the warehouse against scipy.stats."""

from __future__ import annotations

import gc
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest
from scipy import stats

from jobs.build.statistics_plugin import register

ORACLES: dict[str, Any] = {
    "normal_cdf": stats.norm.cdf,
    "normal_quantile": stats.norm.ppf,
    "student_t_two_sided_p": lambda t, df: 2 * stats.t.sf(abs(t), df),
    "student_t_quantile": stats.t.ppf,
    "chi2_tail": stats.chi2.sf,
}
ARGUMENTS: dict[str, list[tuple[float, ...]]] = {
    "normal_cdf": [(-37.0,), (-2.0,), (0.0,), (1.5,), (9.0,)],
    "normal_quantile": [(1e-300,), (0.2,), (0.975,), (1 - 1e-12,)],
    "student_t_two_sided_p": [
        (t, df) for t in [0.0, -0.3, 2.5, -40.0] for df in [1.0, 1.7, 80.4, 1e5, 1e9, 1e15]
    ],
    "student_t_quantile": [
        (p, df) for p in [1e-6, 0.5, 0.975] for df in [1.0, 1.7, 80.4, 1e5, 1e9, 1e15]
    ],
    "chi2_tail": [(x, df) for x in [0.0, 0.1, 3.84, 700.0] for df in [1.0, 4.0, 100.0]],
}
OUTSIDE = [
    "normal_cdf(null)",
    "normal_cdf('nan'::double)",
    "normal_quantile(0)",
    "normal_quantile(1)",
    "normal_quantile(-0.1)",
    "student_t_two_sided_p(1, 0)",
    "student_t_two_sided_p(null, 3)",
    "student_t_two_sided_p(1, null)",
    "student_t_quantile(0, 5)",
    "student_t_quantile(1.5, 5)",
    "student_t_quantile(0.9, -1)",
    "student_t_quantile(0.9, null)",
    "chi2_tail(-1, 1)",
    "chi2_tail(1, 0)",
    "chi2_tail(null, 1)",
]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        register(opened)
        yield opened


@pytest.mark.parametrize(
    ("name", "arguments"), [(name, each) for name, many in ARGUMENTS.items() for each in many]
)
def test_function_agrees_with_scipy(
    connection: duckdb.DuckDBPyConnection, name: str, arguments: tuple[float, ...]
) -> None:
    marks = ", ".join("?::double" for _ in arguments)
    ((found,),) = connection.execute(f"select {name}({marks})", list(arguments)).fetchall()
    assert math.isclose(found, ORACLES[name](*arguments), rel_tol=1e-9, abs_tol=1e-300)


@pytest.mark.parametrize("call", OUTSIDE)
def test_function_outside_its_domain_is_null(
    connection: duckdb.DuckDBPyConnection, call: str
) -> None:
    assert connection.execute(f"select {call}").fetchall() == [(None,)]


def test_function_keeps_rows_in_place_around_nulls(connection: duckdb.DuckDBPyConnection) -> None:
    found = connection.execute(
        """
        select bool_and((p is null) = (x is null) and (x is null or abs(p - normal_cdf(x)) = 0))
        from (
            select x, case when x is not null then normal_cdf(x) end as p
            from (select case when i % 3 > 0 then i / 5000 end as x from range(10000) as t (i))
        )
        """
    ).fetchall()
    assert found == [(True,)]


def test_register_may_be_repeated_on_any_connection_of_a_database(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(path) as first:
        cursors = [first.cursor() for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(register, cursors))
        register(first)
        with duckdb.connect(path) as second:
            register(second)
            assert second.execute("select normal_cdf(0)").fetchall() == [(0.5,)]


def test_functions_outlive_the_connection_that_registered_them(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    first = duckdb.connect(path)
    register(first)
    with duckdb.connect(path) as second:
        first.close()
        del first
        gc.collect()
        register(second)
        assert second.execute("select normal_cdf(0)").fetchall() == [(0.5,)]
