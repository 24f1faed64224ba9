"""The whole night: seconds a step, a folder of models and a model."""

import json
import shutil
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jobs.build import dbt_command, dbt_environment, dbt_folder, project_folder
from jobs.nightly import nightly
from jobs.settings import Settings

AFTER_IDENTITY = (
    "models/intermediate/exposures",
    "models/intermediate/outcomes",
    "models/marts/experiences",
)
"""From messages with a person to lift; `fct_events`, which only copies messages, is not of them."""
CHECKS = "checks"


@dataclass(frozen=True, slots=True)
class NightFigures:
    """Seconds of each step, model and folder of models; models overlap, two run at a time."""

    steps: dict[str, float]
    models: dict[str, float]
    folders: dict[str, float]

    @property
    def total(self) -> float:
        """Seconds of all steps."""
        return sum(self.steps.values())


def measure_nights(settings: Settings, runs: int) -> NightFigures:
    """Run the first night several times, into a fresh warehouse; the fastest of each figure."""
    nights = [_measure_night(settings) for _ in range(runs)]
    return NightFigures(
        steps=_fastest([night.steps for night in nights]),
        models=_fastest([night.models for night in nights]),
        folders=_fastest([night.folders for night in nights]),
    )


def measure_models_after_identity(settings: Settings, runs: int) -> float:
    """Build the models after identity again; seconds from the first one's start to the last's end.

    That leaves out dbt's start, but holds what dbt does between two models.
    """
    return min(_build_models_after_identity(settings) for _ in range(runs))


def _measure_night(settings: Settings) -> NightFigures:
    shutil.rmtree(settings.warehouse.parent, ignore_errors=True)
    record = nightly(settings).record
    assert record.build is not None
    folder_of = _model_folders()
    folders: dict[str, float] = defaultdict(float)
    for name, seconds in record.build.seconds.items():
        folders[folder_of.get(name, CHECKS)] += seconds
    models = {name: record.build.seconds[name] for name in folder_of}
    return NightFigures(dict(record.steps), models, dict(folders))


def _model_folders() -> dict[str, str]:
    project = project_folder()
    return {
        path.stem: path.relative_to(project).parent.as_posix()
        for path in (project / "models").rglob("*.sql")
    }


def _build_models_after_identity(settings: Settings) -> float:
    selection = [f"path:{folder}" for folder in AFTER_IDENTITY]
    subprocess.run(
        dbt_command(settings, ["run", "--select", *selection], "--quiet"),
        env=dbt_environment(settings),
        cwd=dbt_folder(settings),
        check=True,
    )
    spans = [
        (datetime.fromisoformat(stage["started_at"]), datetime.fromisoformat(stage["completed_at"]))
        for result in _read_results(settings)["results"]
        for stage in result["timing"]
    ]
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    return (last - first).total_seconds()


def _fastest(nights: list[dict[str, float]]) -> dict[str, float]:
    return {name: min(night[name] for night in nights) for name in nights[0]}


def _read_results(settings: Settings) -> dict[str, Any]:
    path: Path = dbt_folder(settings) / "target" / "run_results.json"
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return results
