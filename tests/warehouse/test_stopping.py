"""What a stopped or killed night leaves: a sentence, the publication, and nothing that runs."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

Night = Callable[[str, int], tuple[int, str]]


@pytest.fixture(scope="module")
def folder(published_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(published_sample, tmp_path_factory.mktemp("stopping") / "sample")


@pytest.fixture
def stop(folder: Path) -> Night:
    """Start a night, send a signal when a step begins, return the exit code and what it said."""

    def run(step: str, number: int) -> tuple[int, str]:
        command = [sys.executable, "-m", "jobs.nightly", "--full-refresh", "--log-format", "json"]
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
        with subprocess.Popen(
            command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True
        ) as night:
            assert night.stderr is not None
            for line in night.stderr:
                if json.loads(line)["message"] == f"{step} begins":
                    night.send_signal(number)
                    break
            said = night.stderr.read()  # ends when no child holds it either
            return night.wait(), said

    return run


def outcomes(folder: Path) -> list[tuple[str, str | None]]:
    with duckdb.connect(str(folder / "var" / "warehouse.duckdb"), read_only=True) as con:
        return con.execute("select outcome, error from raw.runs order by started_at").fetchall()


@pytest.mark.parametrize(("step", "number"), [("ingest", signal.SIGINT), ("build", signal.SIGTERM)])
def test_stopping_a_step_takes_one_sentence_and_keeps_the_publication(
    folder: Path, stop: Night, step: str, number: signal.Signals
) -> None:
    published = folder / "var" / "published" / "lift.duckdb"
    before = published.stat()
    code, said = stop(step, number)
    sentence = f"Stopped by {number.name}; the previous publication is unchanged."
    assert code == 1
    assert [line for line in said.splitlines() if not line.startswith("{")] == [sentence]
    assert published.stat() == before
    assert outcomes(folder)[-1] == ("interrupted", sentence)


def test_killing_a_night_ends_its_dbt_and_the_next_night_records_it_as_died(
    folder: Path, stop: Night
) -> None:
    code, _ = stop("build", signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert outcomes(folder)[-1][0] == "running"
    assert stop("ingest", signal.SIGTERM)[0] == 1
    assert [outcome for outcome, _ in outcomes(folder)[-2:]] == ["died", "interrupted"]
