"""The law: results depend on the messages, not on how they arrived."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.nightly import nightly
from jobs.settings import Settings
from tests.warehouse.nights import (
    make_worlds,
    published,
    run_in_one_night,
    run_over_nights,
    write_settings,
)

WORLDS = 200
# What names the file a copy came from differs when a file was delivered twice.
ABOUT_FILES = {"rpt_reconciliation", "rpt_rejects"}
ABOUT_NIGHTS = {"fct_identity_merges": "run_id"}


def _tables(path: Path, *, with_files: bool) -> dict[str, list[str]]:
    names = [
        row["table_name"]
        for row in published(path, "select table_name from duckdb_tables() order by 1")
    ]

    def columns(name: str) -> str:
        if name == "fct_events" and not with_files:
            return "* exclude (file, row_number)"
        return f"* exclude ({ABOUT_NIGHTS[name]})" if name in ABOUT_NIGHTS else "*"

    return {
        name: sorted(repr(row) for row in published(path, f"select {columns(name)} from {name}"))
        for name in names
        if name != "runs" and (with_files or name not in ABOUT_FILES)
    }


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    messages, settings = make_worlds(7, WORLDS)
    return _tables(
        run_in_one_night(tmp_path_factory.mktemp("once"), messages, settings), with_files=False
    )


def _full_refresh(folder: Path, settings: Settings) -> Path:
    """One night over everything the other nights left in the landing zone, in a new warehouse."""
    fresh = settings.model_copy(
        update={"warehouse": folder / "warehouse.duckdb", "publish": folder / "published"}
    )
    return nightly(fresh, full_refresh=True).publication


@pytest.mark.parametrize("nights", [2, 10])
def test_arrival_over_nights_in_any_order_with_repeats_and_kills_changes_nothing(
    nights: int, at_once: dict[str, list[str]], tmp_path: Path
) -> None:
    messages, settings = make_worlds(7, WORLDS)
    path = run_over_nights(tmp_path, messages, settings, nights, seed=nights)
    assert _tables(path, with_files=False) == at_once
    refreshed = _full_refresh(tmp_path / "fresh", write_settings(tmp_path, settings))
    assert _tables(path, with_files=True) == _tables(refreshed, with_files=True)
