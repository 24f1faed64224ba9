"""A warehouse with the experiments' sums, built once by dbt from the project's own models."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.warehouse.statistics.experiments import EXPECTED_SPLIT, all_experiments
from tests.warehouse.statistics.scenarios import Row

ROOT = Path(__file__).parents[3]
GRAIN = ("vendor", "experience", "audience_segment", "period", "conversion")
WINSORIZE = 0.9
VARIABLES = {"expected_split": EXPECTED_SPLIT, "statistics": {"winsorize": WINSORIZE}}
UPSTREAM = {
    # Every window is closed: the matured units are all.
    "int_experience_sums_daily": """
        select looks.*, sets.units
        from (
            from main.given_sums
            union all
            select * replace ({{ last_look() }} as as_of_date, true as is_look)
            from main.given_sums
            qualify as_of_date = max(as_of_date) over (
                partition by vendor, experience, audience_segment, period, conversion
            )
        ) as looks
        cross join (values ('all'), ('matured')) as sets (units)
    """,
    "int_affected_experience_days": """
        select distinct vendor, experience, period, as_of_date from main.given_sums
    """,
    "int_unit_outcomes": """
        select
            * replace (conversions::hugeint as conversions, value_units::hugeint as value_units),
            true as is_last, null::date as end_day
        from main.given_units
    """,
    "int_currencies_mixed": """
        select
            null::varchar as vendor, null::varchar as experience, null::varchar as conversion,
            null::date as mixed_to
        where false
    """,
    "int_experience_spans": """
        select
            vendor, experience, audience_segment, period, conversion,
            max(as_of_date) as last_day, max(as_of_date) as last_changed_day
        from main.given_sums
        where is_look
        group by all
    """,
}

_COLUMNS = {
    "vendor": "varchar",
    "experience": "varchar",
    "audience_segment": "varchar",
    "period": "date",
    "conversion": "varchar",
    "is_main": "boolean",
    "has_value": "boolean",
    "as_of_date": "date",
    "is_look": "boolean",
    "variant": "varchar",
    "arm": "varchar",
    "visitors": "bigint",
    "converters": "bigint",
    "conversions": "hugeint",
    "conversions_sum_squares": "hugeint",
    "valued_conversions": "hugeint",
    "valued_conversions_sum_squares": "hugeint",
    "value_sum": "hugeint",
    "value_sum_squares": "hugeint",
    "value_valued_conversions_sum": "hugeint",
    "pre_converters": "hugeint",
    "pre_sum": "hugeint",
    "pre_sum_squares": "hugeint",
    "pre_value_sum": "hugeint",
    "pre_value_sum_squares": "hugeint",
    "pre_converters_sum": "hugeint",
    "pre_conversions_sum": "hugeint",
    "pre_value_value_sum": "hugeint",
    "pre_value_valued_conversions_sum": "hugeint",
    "crossover_visitors": "bigint",
    "split_visitors": "bigint",
}

_PROFILE = """
segment_lift:
  target: duckdb
  outputs:
    duckdb:
      type: duckdb
      path: warehouse.duckdb
      schema: main
      threads: 2
      plugins: [{module: jobs.build.statistics_plugin}]
"""

_PROJECT = """
name: segment_lift
version: "0.1.0"
profile: segment_lift
models: {segment_lift: {+materialized: table}}
flags: {send_anonymous_usage_stats: false}
"""


def _copy_models(project: Path) -> None:
    """Copy the models between the sums and the published lift, found by their references."""
    pending, copied = ["fct_experience_lift", "fct_experience_lift_daily"], set(UPSTREAM)
    while pending:
        name = pending.pop()
        if name in copied:
            continue
        copied.add(name)
        (source,) = (ROOT / "models").rglob(f"{name}.sql")
        shutil.copy(source, project / "models")
        pending += re.findall(r"ref\('(\w+)'\)", source.read_text())
    for name, sql in UPSTREAM.items():
        (project / "models" / f"{name}.sql").write_text(sql)


def _units() -> Iterator[tuple[object, ...]]:
    """The units of every experiment as they stand at the end of its last day."""
    for experiment in all_experiments():
        grain = [getattr(experiment, name) for name in GRAIN]
        for arm in experiment.arms:
            for unit in arm.on(experiment.days - 1):
                yield (*grain, arm.variant, arm.arm, unit.conversions, unit.value)


def _store_sums(path: Path) -> None:
    rows = [row for experiment in all_experiments() for row in experiment.sums()]
    with duckdb.connect(path) as connection:
        columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        connection.execute(f"create table given_sums ({columns})")
        connection.executemany(
            f"insert into given_sums values ({', '.join('?' * len(_COLUMNS))})",
            [[row[name] for name in _COLUMNS] for row in rows],
        )
        units = pl.DataFrame(
            list(_units()),
            schema=[*GRAIN, "variant", "arm", "conversions", "value_units"],
            orient="row",
            infer_schema_length=None,
        )
        connection.register("units", units)
        connection.execute("create table given_units as from units")


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The built warehouse, read-only."""
    project = tmp_path_factory.mktemp("statistics")
    (project / "models").mkdir()
    (project / "profiles.yml").write_text(_PROFILE)
    (project / "dbt_project.yml").write_text(_PROJECT)
    shutil.copytree(ROOT / "macros", project / "macros")
    _copy_models(project)
    _store_sums(project / "warehouse.duckdb")
    built = subprocess.run(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()"),
            *("run", "--no-use-colors"),
            *("--project-dir", project, "--profiles-dir", project),
            *("--vars", json.dumps(VARIABLES)),
        ],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout
    with duckdb.connect(project / "warehouse.duckdb", read_only=True) as connection:
        yield connection


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    found = connection.execute(f"select * from {table}")
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="session")
def daily(warehouse: duckdb.DuckDBPyConnection) -> list[Row]:
    """`fct_experience_lift_daily`, with the days that it leaves out because nothing changes."""
    return _rows(
        warehouse,
        """
        (
            with days as (
                select distinct
                    vendor, experience, audience_segment, period, conversion, as_of_date
                from given_sums
                where is_look
            ),

            looks as (
                select distinct vendor, experience, period, as_of_date
                from fct_experience_lift_daily
            )

            select rows.* replace (days.as_of_date as as_of_date)
            from days
            inner join fct_experience_lift_daily as rows
                on days.vendor = rows.vendor
                and days.experience = rows.experience
                and days.audience_segment = rows.audience_segment
                and days.period is not distinct from rows.period
                and days.conversion = rows.conversion
            where rows.as_of_date = (
                select max(looks.as_of_date)
                from looks
                where looks.vendor = days.vendor
                    and looks.experience = days.experience
                    and looks.period is not distinct from days.period
                    and looks.as_of_date <= days.as_of_date
            )
        )
        """,
    )


@pytest.fixture(scope="session")
def lifts(warehouse: duckdb.DuckDBPyConnection) -> list[Row]:
    """`fct_experience_lift`."""
    return _rows(warehouse, "fct_experience_lift")
