"""A warehouse with the experiments, built once by dbt from the project's own models."""

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
from tests.warehouse.statistics.scenarios import DONE, Row

ROOT = Path(__file__).parents[3]
WINSORIZE = 0.9
VARIABLES = {"statistics": {"winsorize": WINSORIZE}}
UPSTREAM = {
    "int_studies": """
        select distinct
            {{ study_id('audience_segment') }} as study_id,
            {{ study_id("'(all)'") }} as pooled_study_id,
            vendor, experience, audience_segment, period
        from main.given_looks
    """,
    "int_study_spans": """
        select
            studies.study_id, studies.pooled_study_id, studies.vendor, studies.experience,
            looks.conversion, looks.is_main, looks.has_value,
            min(looks.as_of_date) as first_day,
            max(looks.as_of_date) filter (where looks.is_look) as last_day
        from main.given_looks as looks
        inner join {{ ref('int_studies') }} as studies on {{ same_grain('looks', 'studies') }}
        group by all
    """,
    # Every window is closed: the matured units are all.
    "int_daily_changes": """
        select
            studies.study_id, studies.pooled_study_id,
            changes.* exclude (vendor, experience, audience_segment, period),
            populations.population
        from main.given_changes as changes
        inner join {{ ref('int_studies') }} as studies on {{ same_grain('changes', 'studies') }}
        cross join (values ('all'), ('matured')) as populations (population)
    """,
    "int_looks": """
        select distinct studies.pooled_study_id, unnest([looks.as_of_date, {{ last_look() }}])
            as as_of_date
        from main.given_looks as looks
        inner join {{ ref('int_studies') }} as studies on {{ same_grain('looks', 'studies') }}
    """,
    "int_as_of": "select max(as_of_date)::timestamp as as_of from main.given_looks",
    "int_breakdown_units": """
        select
            null::uuid as study_id, null::varchar as breakdown, null::varchar as value,
            null::varchar as variant, null::varchar as arm, null::varchar as conversion,
            null::hugeint as conversions, null::hugeint as valued_conversions,
            null::hugeint as value_units, null::hugeint as pre_conversions,
            null::hugeint as pre_value, null::bigint as visitors
        where false
    """,
    "int_mixed_currencies": """
        select
            null::varchar as vendor, null::varchar as experience, null::varchar as conversion,
            null::date as mixed_from, null::date as mixed_to
        where false
    """,
}

_GRAIN_COLUMNS = {
    "vendor": "varchar",
    "experience": "varchar",
    "audience_segment": "varchar",
    "period": "date",
    "conversion": "varchar",
}
_LOOK_COLUMNS = {
    **_GRAIN_COLUMNS,
    "is_main": "boolean",
    "has_value": "boolean",
    "as_of_date": "date",
    "is_look": "boolean",
}
_SPLIT_COLUMNS = {"experience": "varchar", "split_key": "varchar", "weight": "double"}
_CHANGE_COLUMNS = {
    **_GRAIN_COLUMNS,
    "changed_day": "date",
    "variant": "varchar",
    "arm": "varchar",
    **dict.fromkeys(DONE, "hugeint"),
    "visitors": "bigint",
    "split_visitors": "bigint",
    "crossover_visitors": "bigint",
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
    """Copy the models between what units did and the published lift, found by references."""
    shutil.copy(ROOT / "models" / "_sources.yml", project / "models")
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


def _store(
    connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], rows: Iterator[Row]
) -> None:
    # Values beyond 64 bits are texts on their way.
    found = pl.DataFrame(
        [[None if row[name] is None else str(row[name]) for name in columns] for row in rows],
        schema=dict.fromkeys(columns, pl.String),
        orient="row",
    )
    connection.register("found", found)
    typed = ", ".join(f"{name}::{kind} as {name}" for name, kind in columns.items())
    connection.execute(f"create table {table} as select {typed} from found")
    connection.unregister("found")


def _store_experiments(path: Path) -> None:
    looks = (row for experiment in all_experiments() for row in experiment.looks())
    changes = (row for experiment in all_experiments() for row in experiment.changes())
    splits = (
        {"experience": experience, "split_key": key, "weight": weight}
        for experience, shares in EXPECTED_SPLIT.items()
        for key, weight in shares.items()
    )
    with duckdb.connect(path) as connection:
        _store(connection, "given_looks", _LOOK_COLUMNS, looks)
        _store(connection, "given_changes", _CHANGE_COLUMNS, changes)
        connection.execute("create schema raw")
        _store(connection, "raw.config_expected_splits", _SPLIT_COLUMNS, splits)
        connection.execute(
            "create table raw.config_conversions as"
            " select distinct conversion, has_value from given_looks"
        )


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The built warehouse, read-only."""
    project = tmp_path_factory.mktemp("statistics")
    (project / "models").mkdir()
    (project / "profiles.yml").write_text(_PROFILE)
    (project / "dbt_project.yml").write_text(_PROJECT)
    shutil.copytree(ROOT / "macros", project / "macros")
    _copy_models(project)
    _store_experiments(project / "warehouse.duckdb")
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
                from given_looks
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
