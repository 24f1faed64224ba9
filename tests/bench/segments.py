"""Ten rule segments over many changes of traits, against one window sort of the same changes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from jobs.build.configuration import write_configuration
from jobs.config import Settings
from jobs.config.compile import dbt_vars
from tests.bench.models import OwnModels
from tests.bench.staging import Resources
from tests.bench.timing import best_of

GENERATOR = Path(__file__).with_name("segments.sql")
STUBS = Path(__file__).with_name("segments_project")
SEGMENTS = "intermediate/segments"
MODELS = [
    f"{SEGMENTS}/int_predicate_toggles.sql",
    f"{SEGMENTS}/int_rule_memberships.sql",
]
RULES: list[dict[str, Any]] = [
    {"all": [{"trait": "employees", "op": "<", "value": 50}]},
    {"all": [{"trait": "employees", "op": ">=", "value": 50}]},
    {"all": [{"trait": "plan", "value": "pro"}]},
    {"all": [{"trait": "plan", "op": "!=", "value": "pro"}]},
    {"all": [{"trait": "industry", "op": "in", "value": ["Finance", "SaaS"]}]},
    {"all": [{"trait": "seats", "op": ">", "value": 100}, {"trait": "plan", "value": "free"}]},
    {"any": [{"trait": "score", "op": ">", "value": 190}, {"trait": "seats", "value": 1}]},
    {"not": {"trait": "score", "op": ">", "value": 100}},
    {"all": [{"trait": "industry", "op": "contains", "value": "a"}]},
    {
        "any": [
            {"all": [{"trait": "score", "op": "<", "value": 9}]},
            {"trait": "plan", "value": "x"},
        ]
    },
]
# What a change of a trait is found by, written like the models' own rows.
SORT = """
create or replace table sorted as
select
    *,
    lag(value) over (
        partition by person_id, trait order by changed_at, received_at, message_id
    ) as value_before
from trait_changes
"""


@dataclass(frozen=True, slots=True)
class SegmentFigures:
    """Seconds of the sort, of the memberships of all changes, and of `new_changes` more."""

    persons: int
    changes: int
    new_changes: int
    memberships: int
    sort: float
    full: float
    incremental: float


def measure_segments(persons: int, folder: Path, resources: Resources, runs: int) -> SegmentFigures:
    """Generate changes, sort them, and evaluate ten segments over them, from nothing and again.

    The increment is checked against an evaluation from nothing of the same changes.
    """
    database = folder / "segments.duckdb"
    segments = [{"name": f"segment {number}", **rule} for number, rule in enumerate(RULES)]
    settings = Settings.model_validate({"landing": "landing", "segments": segments})
    ours = OwnModels(folder / "project", STUBS, MODELS, "macros", dbt_vars(settings))
    with resources.connect(database) as con:
        write_configuration(con, settings)
        con.execute("set variable persons = ?", [persons])
        con.execute(GENERATOR.read_text(encoding="utf-8"))
        sort = best_of(runs, lambda: con.execute(SORT))
        con.execute("drop table sorted")
        changes, new_changes = (_count(con, table) for table in ("trait_changes", "new_changes"))
    full = min(ours.build(database, resources, from_nothing=True) for _ in range(runs))
    with resources.connect(database) as con:
        con.execute("insert into trait_changes by name from new_changes")
    incremental = ours.build(database, resources, from_nothing=False)
    with resources.connect(database) as con:
        con.execute("create table kept as from int_rule_memberships")
        memberships = _count(con, "kept")
    ours.build(database, resources, from_nothing=True)
    with resources.connect(database) as con:
        lost, found = (
            con.sql(f"select count(*) from (from {one} except from {other})").fetchall()[0][0]
            for one, other in (("kept", "int_rule_memberships"), ("int_rule_memberships", "kept"))
        )
    assert (lost, found) == (0, 0), f"{lost} rows too many and {found} missing after the increment"
    return SegmentFigures(persons, changes, new_changes, memberships, sort, full, incremental)


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.sql(f"select count(*) from {table}").fetchall()[0][0])
