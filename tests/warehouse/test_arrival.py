"""The law: results depend on the messages, not on how they arrived."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.config import Settings
from jobs.ingest.run import ingest
from tests.warehouse.nights import (
    build_tables,
    make_worlds,
    published,
    published_tables,
    run_in_one_night,
    run_over_nights,
    write_settings,
)

WORLDS = 200
NIGHTS = 10
# The tables that name a file; of the others `at_once` tells all.
ABOUT_FILES = ("fct_events", "rpt_reconciliation", "rpt_rejects")


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    messages, settings = make_worlds(7, WORLDS)
    return published_tables(run_in_one_night(tmp_path_factory.mktemp("once"), messages, settings))


def _fresh_warehouse(folder: Path, settings: Settings) -> Path:
    """What tells of files, from everything the nights left in the landing zone."""
    fresh = settings.model_copy(update={"warehouse": folder / "warehouse.duckdb"})
    ingest(fresh)
    build_tables(fresh, *ABOUT_FILES)
    return fresh.warehouse


def test_arrival_over_nights_in_any_order_with_repeats_and_kills_changes_nothing(
    at_once: dict[str, list[str]], tmp_path: Path
) -> None:
    messages, settings = make_worlds(7, WORLDS)
    path = run_over_nights(tmp_path, messages, settings, NIGHTS, seed=NIGHTS)
    assert published_tables(path) == at_once
    fresh = _fresh_warehouse(tmp_path / "fresh", write_settings(tmp_path, settings))
    for table in ABOUT_FILES:
        rows = f"select * from {table} order by all"
        assert published(path, rows) == published(fresh, rows), table
