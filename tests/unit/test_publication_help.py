"""What the published file says of itself: its help, and its macros beside its tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest


@pytest.fixture
def con(published_sample: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    path = published_sample / "var" / "published" / "lift.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


def test_help_lists_every_table_and_macro_with_an_example_that_runs(
    con: duckdb.DuckDBPyConnection,
) -> None:
    found = con.execute("select name, kind, grain, example from help").fetchall()
    names = con.execute(
        """
        select table_name from duckdb_tables()
        union select view_name from duckdb_views() where not internal
        union select function_name from duckdb_functions()
        where not internal and schema_name = 'main' and database_name = current_database()
        """
    ).fetchall()
    assert {(name,) for name, _, _, _ in found} == set(names)
    for name, kind, grain, example in found:
        assert grain.startswith("One "), name
        assert len(grain) < 400, name
        con.execute(example).fetchall()
        if kind == "macro":
            assert name in example


def test_lift_by_marks_the_small_cells_of_the_breakdown_report(
    con: duckdb.DuckDBPyConnection,
) -> None:
    keys = "experience, audience_segment, conversion, variant, value, is_small"
    [(breakdown, count)] = con.execute(
        "select breakdown, count(*) from rpt_lift_by_breakdown where metric = 'conversion_rate'"
        " and least(control_visitors, variant_visitors) > 0"
        " group by all order by count(distinct is_small) desc, breakdown limit 1"
    ).fetchall()
    assert count > 0
    by_macro = con.execute(f"select {keys} from lift_by('{breakdown}') order by all").fetchall()
    by_report = con.execute(
        f"select {keys} from rpt_lift_by_breakdown where metric = 'conversion_rate'"
        f" and breakdown = '{breakdown}' and least(control_visitors, variant_visitors) > 0"
        " order by all"
    ).fetchall()
    assert by_macro == by_report
    assert {row[-1] for row in by_report} == {True, False}
