"""The law: results depend on the messages, not on how they arrived."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.nightly import nightly
from jobs.settings import Settings
from tests.warehouse.nights import (
    make_worlds,
    published_tables,
    run_in_one_night,
    run_over_nights,
    write_settings,
)

WORLDS = 200
NIGHTS = 10


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    messages, settings = make_worlds(7, WORLDS)
    return published_tables(run_in_one_night(tmp_path_factory.mktemp("once"), messages, settings))


def _full_refresh(folder: Path, settings: Settings) -> Path:
    """One night over everything the other nights left in the landing zone, in a new warehouse."""
    fresh = settings.model_copy(
        update={"warehouse": folder / "warehouse.duckdb", "publish": folder / "published"}
    )
    return nightly(fresh, full_refresh=True).publication


def test_arrival_over_nights_in_any_order_with_repeats_and_kills_changes_nothing(
    at_once: dict[str, list[str]], tmp_path: Path
) -> None:
    messages, settings = make_worlds(7, WORLDS)
    path = run_over_nights(tmp_path, messages, settings, NIGHTS, seed=NIGHTS)
    assert published_tables(path) == at_once
    refreshed = _full_refresh(tmp_path / "fresh", write_settings(tmp_path, settings))
    assert published_tables(path, with_files=True) == published_tables(refreshed, with_files=True)
