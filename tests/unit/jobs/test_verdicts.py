"""The table of verdicts, over publications made by hand: few rows, however much there is."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import duckdb
import pytest
from rich.console import Console

from jobs.cli.verdicts import print_changes, print_results
from jobs.results.changes import NO_CHANGES, read_changes
from jobs.results.verdicts import EXPERIENCES, ROWS, Selection, read_results

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
        con.execute(NO_CHANGES)
        yield con


def shown(con: duckdb.DuckDBPyConnection, width: int = 120) -> list[str]:
    console = Console(file=StringIO(), width=width, markup=False, emoji=False, highlight=False)
    print_results(console, read_results(con, Selection()), 0.1)
    return printed(console)


def printed(console: Console) -> list[str]:
    """Return what was printed; no line of it ends in a space."""
    assert isinstance(console.file, StringIO)
    lines = console.file.getvalue().splitlines()
    assert lines == [line.rstrip() for line in lines]
    return lines


@pytest.mark.parametrize("width", [80, 120])
def test_results_are_those_with_a_verdict_and_the_newest(
    con: duckdb.DuckDBPyConnection, width: int
) -> None:
    con.execute(MANY)
    lines = shown(con, width)
    titles = {line for line in lines if line.startswith("e") and line[1:].isdigit()}
    newest = {f"e{number}" for number in range(5000 - (EXPERIENCES - 2), 5000)}
    assert titles == {"e7", "e11"} | newest
    assert "and 4,980 more experiences, older and without a verdict: lift results --all" in lines
    assert len(lines) <= 8 + EXPERIENCES * (1 + 2 * 3)


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
        "everybody, on 10.0% of 10 20.0% of 20 +100.0% -20% to +200%* Too few visitors yet",
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


def test_experience_with_a_changed_verdict_comes_first(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(MANY)
    con.execute(
        """
        insert into verdict_changes
        select
            vendor, experience, audience_segment, period, conversion, metric, variant, is_main,
            before, status, 0.5, lift
        from fct_experience_lift
        inner join (values ('e3', 's2', 'winner'), ('e4', 's1', null))
            as changed (experience, audience_segment, before) using (experience, audience_segment)
        """
    )
    lines = shown(con)
    first = next(line for line in lines if line.startswith("e") and line[1:].isdigit())
    assert first == "e3"
    assert not any(line == "e4" for line in lines)
    console = Console(file=StringIO(), width=40, markup=False, emoji=False, highlight=False)
    print_changes(console, read_changes(con))
    assert printed(console) == [
        "Changed since the previous publication",
        "  e3, s2: No verdict yet",
        "    (was: Personalized wins)",
        "  e4, s1: No verdict yet (new)",
        "",
    ]


@pytest.mark.parametrize("width", [80, 60, 40])
def test_no_figure_is_broken_however_narrow(con: duckdb.DuckDBPyConnection, width: int) -> None:
    con.execute(
        """
        insert into fct_experience_lift values
            ('mutiny', 'Hero', 'Enterprise software', null, 'signup', true, 'conversion_rate',
             'v1', 'winner', 1234567, 2345678, 0.1, 0.2, 123.4, -0.1, 12.5, null, null)
        """
    )
    lines = shown(con, width)
    assert max(map(len, lines)) <= width
    for figure in (
        "control 10.0% of 1,234,567,", "personalized 20.0% of 2,345,678:", "+12340.0%,",
        "-10% to +1250%", "Personalized wins",
    ):  # fmt: skip
        assert sum(figure in line for line in lines) == 1
