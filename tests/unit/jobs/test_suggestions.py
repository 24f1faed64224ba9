"""The lines that a night suggests for `lift.yml` are read by the job as they are printed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from jobs.cli.suggestions import conversion_lines, exposure_lines
from jobs.config import Settings, load_settings
from jobs.config.exposures import AbmaticExposures

CATALOG = """
create table rpt_conversion_catalog (
    event_name varchar, type varchar, kind varchar, persons bigint, events bigint,
    is_configured boolean, missing_adapter varchar
)
"""
Row = tuple[str, str, str, int, int, bool, str | None]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute(CATALOG)
        yield con


def sent(con: duckdb.DuckDBPyConnection, *rows: Row) -> None:
    con.executemany("insert into rpt_conversion_catalog values (?, ?, ?, ?, ?, ?, ?)", rows)


def settings(folder: Path, *lines: str) -> Settings:
    path = folder / "lift.yml"
    path.write_text("\n".join(["landing: x", *lines]), encoding="utf-8")
    return load_settings(path)


@pytest.mark.parametrize(
    "names",
    [
        ["2024", "null", "true", "\U0001f389", "\U0001f38a"],
        ["Sign Up", "sign-up", "sign_up", "Sign  Up", "Été"],
        ["it's", 'say "hi"', "back\\slash", "a: b # c", "{x}"],
    ],
)
def test_conversions_of_any_name_are_read_as_they_are_printed(
    names: list[str], con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    sent(con, *((name, "track", "event", 9 - n, 1, False, None) for n, name in enumerate(names)))
    lines = conversion_lines(con)
    read = settings(tmp_path, "conversions:", *(f"  {line}" for line in lines)).conversions
    assert sorted(name for each in read for name in each.trigger.expected_names()) == sorted(names)
    assert [each.main for each in read] == [True, *[False] * 4]


def test_conversions_are_five_that_can_be_read_and_the_likeliest(
    con: duckdb.DuckDBPyConnection,
) -> None:
    sent(
        con,
        *((f"Event {number}", "track", "event", number, 1, False, None) for number in range(9)),
        ("Signed Up", "track", "event", 1, 1, False, None),
        ("Step Viewed", "track", "event", 99, 1, False, None),
        ("Order Completed", "track", "event", 99, 1, True, None),
        ("Pricing", "page", "view", 99, 1, False, None),
        ("Experiment Viewed", "track", "exposure", 99, 1, False, "segment_experiment"),
        ("two\nlines", "track", "event", 99, 1, False, None),
        ("x" * 101, "track", "event", 99, 1, False, None),
    )
    events = [line.split('event = "')[1].split('"')[0] for line in conversion_lines(con)]
    assert events == ["Signed Up", "Event 8", "Event 7", "Event 6", "Event 5"]


def test_exposures_are_those_that_no_adapter_reads(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    sent(
        con,
        ("Experiment Viewed", "track", "exposure", 1, 900, False, "segment_experiment"),
        ("get_treatment", "track", "exposure", 1, 8, False, "split"),
        ("Campaign's Viewed", "track", "exposure", 1, 7, False, "abmatic"),
    )
    lines = exposure_lines(con, settings(tmp_path))
    assert lines[0].endswith("  # 900 messages; name your own control")
    read = settings(tmp_path, "exposures:", *(f"  {line}" for line in lines))
    adapters = [entry.adapter for entry in read.exposures]
    assert adapters == ["segment_experiment", "split", "abmatic"]
    assert isinstance(read.exposures[2], AbmaticExposures)
    assert read.exposures[2].trigger.expected_names() == ["Campaign's Viewed"]


def test_exposures_keep_the_default_that_a_list_replaces(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    sent(con, ("Mutiny Experience Viewed", "track", "exposure", 1, 5, False, None))
    assert exposure_lines(con, settings(tmp_path)) == []
    sent(con, ("get_treatment", "track", "exposure", 1, 8, False, "split"))
    assert [line.split("}")[0] for line in exposure_lines(con, settings(tmp_path))] == [
        "- {adapter: mutiny", '- {adapter: split, baseline: {"*": "off"',
    ]  # fmt: skip
    listed = settings(tmp_path, "exposures: [mutiny]")
    assert [line[:16] for line in exposure_lines(con, listed)] == ["- {adapter: spli"]


def test_exposures_that_lift_yml_lost_are_suggested_although_they_are_the_default(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    sent(con, ("Mutiny Experience Viewed", "track", "exposure", 1, 5, False, "mutiny"))
    listed = settings(tmp_path, "exposures: [split]")
    assert exposure_lines(con, listed) == ["- {adapter: mutiny}  # 5 messages"]
