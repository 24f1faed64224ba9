"""The table `help` of a publication."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from jobs.publish.help import create_help

PUBLISHED = """
create table dim_persons (person_id varchar);
comment on table dim_persons is 'One row per person of lift.yml: all that they are. And more.';
create table fct_made (x int);
comment on table fct_made is 'One row per thing made: is it one?
Or two.';
create table rpt_made (x int);
comment on table rpt_made is 'One row per thing, without an end';
create table unexplained (x int);
create view rpt_seen as select 1 as x;
comment on view rpt_seen is 'One row per view.';
create macro as_of() as timestamp '2026-05-01';
comment on macro as_of is 'One moment: the latest. And so on.';
create macro person_at(id_type, id_value, moment) as table select 1 as person_id;
comment on macro table person_at is 'One row: the owner.';
attach ':memory:' as other;
create table other.main.elsewhere (x int);
"""


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(tmp_path / "lift.duckdb")) as con:
        con.execute(PUBLISHED)
        create_help(con)
        yield con


def rows(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return con.execute("select name, kind, grain from help").fetchall()


def test_help_has_the_first_sentence_of_every_table_and_macro(
    con: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(con) == [
        ("dim_persons", "table", "One row per person of lift.yml: all that they are."),
        ("fct_made", "table", "One row per thing made: is it one?"),
        ("help", "table", "One row per table and macro of this file: its grain and an example."),
        ("rpt_made", "table", "One row per thing, without an end"),
        ("rpt_seen", "view", "One row per view."),
        ("unexplained", "table", None),
        ("as_of", "macro", "One moment: the latest."),
        ("person_at", "macro", "One row: the owner."),
    ]


def test_help_has_an_example_of_each_that_runs(con: duckdb.DuckDBPyConnection) -> None:
    examples = dict(con.execute("select name, example from help").fetchall())
    assert examples["person_at"] == "from person_at('user_id', 'u1', as_of())"
    assert examples["dim_persons"] == "from dim_persons limit 10"
    for example in examples.values():
        con.execute(example)


def test_help_is_made_again_from_what_is_there(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("drop table unexplained")
    before = rows(con)
    create_help(con)
    assert rows(con) == [row for row in before if row[0] != "unexplained"]
