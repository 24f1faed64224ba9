"""What tests of the warehouse share: dbt's parsed project, by the variables of its parsing."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from jobs.build import run as build
from jobs.build.dbt_process import DbtResult, Progress
from jobs.config import Settings
from jobs.config.compile import dbt_vars

PARSED = Path("target") / "partial_parse.msgpack"


@pytest.fixture(scope="session", autouse=True)
def parsed_projects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spare a build in a new folder what dbt did in another one, in any of the test processes."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "parsed"
    shared.mkdir(exist_ok=True)
    build_selected = build.build_selected

    def build_parsed(
        settings: Settings, arguments: Sequence[str], progress: Progress | None = None
    ) -> DbtResult:
        variables = json.dumps(dbt_vars(settings), sort_keys=True).encode()
        known = shared / sha256(variables).hexdigest()
        parsed = build.dbt_folder(settings) / PARSED
        if known.exists() and not parsed.exists():
            parsed.parent.mkdir(exist_ok=True)
            shutil.copyfile(known, parsed)
        result = build_selected(settings, arguments, progress)
        if parsed.exists() and not known.exists():
            whole = known.with_suffix(f".{os.getpid()}")
            shutil.copyfile(parsed, whole)
            whole.replace(known)
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "build_selected", build_parsed)
        yield
