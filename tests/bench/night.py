"""The whole night: seconds a step, a folder of models and a model."""

import shutil
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from jobs.build.run import project_folder
from jobs.config import Settings
from jobs.nightly.run import nightly

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


def seconds_by_folder(seconds: Mapping[str, float]) -> dict[str, float]:
    """Sum the seconds of models by their folder, and those of checks."""
    folder_of = _model_folders()
    folders: dict[str, float] = defaultdict(float)
    for name, spent in seconds.items():
        folders[folder_of.get(name, CHECKS)] += spent
    return dict(folders)


def _measure_night(settings: Settings) -> NightFigures:
    shutil.rmtree(settings.warehouse.parent, ignore_errors=True)
    record = nightly(settings).record
    assert record.build is not None
    seconds = record.build.seconds
    models = {name: seconds[name] for name in _model_folders()}
    return NightFigures(dict(record.steps), models, seconds_by_folder(seconds))


def _model_folders() -> dict[str, str]:
    project = project_folder()
    return {
        path.stem: path.relative_to(project).parent.as_posix()
        for path in (project / "models").rglob("*.sql")
    }


def _fastest(nights: list[dict[str, float]]) -> dict[str, float]:
    return {name: min(night[name] for night in nights) for name in nights[0]}
