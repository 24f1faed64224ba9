"""Parse the models with a configuration and print which of its variables they read, as JSON.

`python -m tests.unit.jobs.variables_read LIFT_YML` runs dbt in its own process: what stands for a
variable there notes every key and place that is asked for.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner
from dbt.context.base import Var

from jobs.build.run import project_folder
from jobs.config import load_settings
from jobs.config.compile import dbt_vars

READ: set[str] = set()


class _Read(dict[str, Any]):
    def __init__(self, values: dict[str, Any], path: str) -> None:
        super().__init__(values)
        self.path = path

    def __getitem__(self, key: str) -> Any:
        return _noted(super().__getitem__(key), f"{self.path}.{key}")

    def __iter__(self) -> Iterator[str]:
        return super().__iter__()  # so that `dict(it)` asks for each key

    def get(self, key: str, default: Any = None) -> Any:
        found = super().get(key, default)
        return _noted(found, f"{self.path}.{key}") if key in self else found

    def values(self) -> Any:
        return [self[key] for key in self]

    def items(self) -> Any:
        return [(key, self[key]) for key in self]


class _ReadList(list[Any]):
    def __init__(self, values: list[Any], path: str) -> None:
        super().__init__(values)
        self.path = path

    def __getitem__(self, place: Any) -> Any:
        return _noted(super().__getitem__(place), f"{self.path}.{place}")

    def __contains__(self, value: object) -> bool:
        return any(each == value for each in self)

    def __radd__(self, others: list[Any]) -> list[Any]:
        return [*others, *self]

    def __iter__(self) -> Iterator[Any]:
        return (self[place] for place in range(len(self)))


def _noted(value: Any, path: str) -> Any:
    if isinstance(value, dict):
        return _Read(value, path)
    if isinstance(value, list):
        return _ReadList(value, path)
    READ.add(path)
    return value


def main() -> None:
    found = Var.__call__

    def noted(self: Var, name: str, *default: Any) -> Any:
        return _noted(found(self, name, *default), name)

    setattr(Var, "__call__", noted)  # noqa: B010
    project, folder = str(project_folder()), str(Path.cwd())
    arguments = [
        "--log-level", "none", "--log-path", folder, "--no-partial-parse", "--no-static-parser",
        "parse", "--target-path", folder, "--project-dir", project, "--profiles-dir", project,
    ]  # fmt: skip
    settings = load_settings(Path(sys.argv[1]))
    done = dbtRunner().invoke(arguments, vars=dbt_vars(settings))
    if not done.success:
        raise SystemExit(str(done.exception))
    sys.stdout.write(json.dumps(sorted(READ)))


if __name__ == "__main__":
    main()
