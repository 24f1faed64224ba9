"""The table of verdicts, over publications made by hand: few rows, however much there is."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import duckdb
import pytest
from rich.console import Console

from jobs.cli.verdicts import EXPERIENCES, ROWS, print_results, read_results

TABLES = """
create table dim_experiences (
    vendor varchar, experience varchar, audience_segment varchar, period date,
    first_seen_at timestamp
);
create table fct_experience_lift (
    vendor varchar, experience varchar, audience_segment varchar, period date, conversion varchar,
    is_main boolean, metric varchar, variant varchar, status varchar, control_visitors bigint,
    variant_visitors bigint, control_mean double, variant_mean double, lift double,
    running_ci_lower double, running_ci_upper double, lift_ci_lower double, lift_ci_upper double
);
"""
MANY = """
insert into dim_experiences
select 'mutiny', 'e' || number, '(all)', null, timestamp '2026-01-01' + to_hours(number)
from range(5000) as numbers (number);
insert into fct_experience_lift
select
    'mutiny', 'e' || number, segment, null, 'signup', true, 'conversion_rate', 'personalized',
    case when number in (7, 11) and segment = 's1' then 'winner' else 'inconclusive' end,
    100, 100 + number, 0.1, 0.2, 1.0, 0.1, 2.5, 0.2, 2.0
from range(5000) as numbers (number), (values ('(all)'), ('s1'), ('s2')) as segments (segment);
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute(TABLES)
        yield con


def shown(con: duckdb.DuckDBPyConnection, width: int = 120) -> list[str]:
    console = Console(file=StringIO(), width=width, markup=False, emoji=False, highlight=False)
    print_results(console, read_results(con), 0.1)
    assert isinstance(console.file, StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


@pytest.mark.parametrize("width", [80, 120])
def test_results_are_those_with_a_verdict_and_the_newest(
    con: duckdb.DuckDBPyConnection, width: int
) -> None:
    con.execute(MANY)
    lines = shown(con, width)
    titles = {line for line in lines if line.startswith("e") and line[1:].isdigit()}
    newest = {f"e{number}" for number in range(5000 - (EXPERIENCES - 2), 5000)}
    assert titles == {"e7", "e11"} | newest
    assert (
        "and 4,980 more experiences, older and without a verdict: see fct_experience_lift" in lines
    )
    assert len(lines) <= 6 + EXPERIENCES * (1 + 2 * 3)


def test_rows_of_an_experience_are_everybody_verdicts_and_the_largest(
    con: duckdb.DuckDBPyConnection,
) -> None:
    con.execute(
        """
        insert into fct_experience_lift
        select
            'mutiny', 'wide', segment, null, 'signup', true, 'conversion_rate', 'personalized',
            case segment when 's5' then 'loser' else 'inconclusive' end,
            100, 100 + rank, 0.1, 0.2, 1.0, 0.1, 2.5, 0.2, 2.0
        from (
            select '(all)' as segment, 0 as rank
            union all
            select 's' || number, number from range(1000) as numbers (number)
        )
        """
    )
    lines = shown(con)
    labels = [line.split()[0] for line in lines if line.startswith("  ")]
    largest = [f"s{number}" for number in range(1000 - (ROWS - 2), 1000)]
    assert labels == ["everybody", "s5", *largest, "and"]
    assert "  and 993 more rows" in lines


def test_row_shows_rates_lift_interval_and_verdict_at_any_width(
    con: duckdb.DuckDBPyConnection,
) -> None:
    con.execute(
        """
        insert into fct_experience_lift values
            ('mutiny', 'Hero', '(all)', '2026-01-01', '[b]main', true, 'conversion_rate', 'v1',
             'winner', 1000, 2000, 0.1, 0.2, 1.0, 0.1, 2.5, 0.2, 2.0),
            ('mutiny', 'Hero', '(all)', '2026-01-01', '[b]main', true, 'conversion_rate', 'v2',
             'no_control_arm', 0, 2000, null, 0.2, null, null, null, null, null),
            ('split', 'Hero', '(all)', null, '[b]main', true, 'conversion_rate', 'on',
             'insufficient_data', 10, 20, 0.1, 0.2, 1.0, null, null, -0.2, 2.0),
            ('split', 'Hero', '(all)', null, '[b]main', true, 'value_per_visitor', 'on',
             'winner', 10, 20, 0.1, 0.2, 1.0, null, null, -0.2, 2.0),
            ('split', 'Hero', '(all)', null, 'other', false, 'conversion_rate', 'on',
             'winner', 10, 20, 0.1, 0.2, 1.0, null, null, -0.2, 2.0)
        """
    )
    wide = [" ".join(line.split()) for line in shown(con)]
    assert wide[:7] == [
        "Did the personalized experience convert better? (conversion: [b]main)",
        "audience segment control personalized lift 90 % interval verdict",
        "Hero (mutiny) since 2026-01-01",
        "everybody, v1 10.0% of 1,000 20.0% of 2,000 +100.0% +10% to +250% Personalized wins",
        "everybody, v2 - of 0 20.0% of 2,000 - - No control group",
        "Hero (split)",
        "everybody 10.0% of 10 20.0% of 20 +100.0% -20% to +200%* Too few visitors yet",
    ]
    narrow = shown(con, 80)
    assert narrow[1:4] == [
        "Hero (mutiny) since 2026-01-01",
        "  everybody, v1: Personalized wins",
        "    control 10.0% of 1,000, personalized 20.0% of 2,000: +100.0%, +10% to +250%",
    ]


def test_long_name_leaves_room_for_the_figures(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(MANY.replace("5000", "1").replace("'e' || number", f"'{'e' * 5000}'"))
    lines = shown(con)
    assert "    control 10.0% of 100, personalized 20.0% of 100: +100.0%, +10% to +250%" in lines
    assert f"{'e' * 199}\u2026" in lines
