"""The notebooks run on a publication of the sample, and their charts are charts."""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from typing import Any

import jupytext
import pytest
from nbclient import NotebookClient

from jobs.config import load_settings
from jobs.publication import published_file

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.py"))


@pytest.fixture
def publication(published_sample: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = published_file(load_settings(published_sample / "lift.yml")).resolve()
    monkeypatch.setenv("LIFT_DUCKDB", str(path))
    return path


def test_there_are_six_short_notebooks() -> None:
    assert len(NOTEBOOKS) == 6
    assert all(len(path.read_text().splitlines()) < 100 for path in NOTEBOOKS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_and_draws(path: Path, publication: Path) -> None:
    names: dict[str, Any] = runpy.run_path(str(path))
    charts = {name: chart for name, chart in names.items() if name.endswith("_chart")}
    assert charts
    for name, chart in charts.items():
        drawn = chart.to_dict()  # Altair checks it against the schema of Vega-Lite
        assert drawn["datasets"], name
        assert all(rows for rows in drawn["datasets"].values()), name
    with pytest.raises(Exception, match=r"(?i)read-only"):
        names["con"].execute("create table t (a integer)")


def test_notebook_runs_in_a_kernel_as_jupyter_runs_it(publication: Path, tmp_path: Path) -> None:
    book = jupytext.read(FOLDER / "05_own_metric.py")
    client = NotebookClient(
        book, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute(env=os.environ | {"LIFT_DUCKDB": str(publication)})
    shown = [output for cell in book.cells for output in cell.get("outputs", ())]
    pages = "".join(output.get("data", {}).get("text/html", "") for output in shown)
    assert "vega-embed" in pages
    assert "rel_effect_size" in pages
