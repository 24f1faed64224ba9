"""Run some of the project's own models alone, over tables that a bench has made."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.staging import Resources

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "models"


@dataclass(frozen=True, slots=True)
class OwnModels:
    """A dbt project in `folder`: stubs copied from `stubs`, and links to own models and macros.

    `models` are paths below the project's folder of models, `macros` a path below its root.
    """

    folder: Path
    stubs: Path
    models: Sequence[str]
    macros: str
    variables: Mapping[str, Any]

    def build(self, database: Path, resources: Resources, *, from_nothing: bool) -> float:
        """Build everything and return the seconds that dbt gives the own models."""
        if not self.folder.exists():
            shutil.copytree(self.stubs, self.folder)
            (self.folder / "macros").symlink_to(ROOT / self.macros)
            (self.folder / "models" / "_sources.yml").symlink_to(MODELS / "_sources.yml")
            for model in self.models:
                (self.folder / "models" / Path(model).name).symlink_to(MODELS / model)
        arguments = ["run", "--vars", json.dumps(dict(self.variables))]
        os.sync()  # what the steps before wrote is no work of this one
        subprocess.run(
            [
                sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet",
                *arguments, *(["--full-refresh"] if from_nothing else []),
            ],
            env={
                **os.environ,
                "LIFT_WAREHOUSE": str(database),
                "LIFT_THREADS": str(resources.threads),
                "LIFT_MEMORY_LIMIT": resources.memory_limit,
                "DBT_LOG_LEVEL_FILE": "info",
            },
            cwd=self.folder,
            check=True,
        )  # fmt: skip
        results = self.folder / "target" / "run_results.json"
        own = {Path(model).stem for model in self.models}
        return sum(
            float(result["execution_time"])
            for result in json.loads(results.read_text(encoding="utf-8"))["results"]
            if result["unique_id"].rpartition(".")[2] in own
        )
