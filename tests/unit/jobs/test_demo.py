"""What `lift demo` writes where: the same bytes every time, in a folder that is its own."""

import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from jobs.demo import DemoTargetError, write_demo


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("demo")
    write_demo(target, visitors=2_500, seed=11)
    return target


@pytest.fixture(scope="module")
def truth(demo: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((demo / "truth.json").read_text())
    return content


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_equal_arguments_write_equal_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_demo(tmp_path / name, visitors=300, days=20, seed=5)
    assert fingerprint(tmp_path / "first") == fingerprint(tmp_path / "second")


def test_another_seed_writes_other_messages(tmp_path: Path) -> None:
    for seed in (5, 6):
        write_demo(tmp_path / str(seed), visitors=300, days=20, seed=seed)
    first, second = fingerprint(tmp_path / "5"), fingerprint(tmp_path / "6")
    assert all(first[name] != second[name] for name in first if name.endswith(".parquet"))


def test_writing_again_leaves_nothing_of_the_earlier_demo(tmp_path: Path) -> None:
    write_demo(tmp_path / "once", visitors=300, days=10, seed=5)
    write_demo(tmp_path / "twice", visitors=6_000, days=30, seed=9)
    write_demo(tmp_path / "twice", visitors=300, days=10, seed=5)
    assert fingerprint(tmp_path / "once") == fingerprint(tmp_path / "twice")


def test_writing_again_keeps_what_others_put_there(tmp_path: Path) -> None:
    write_demo(tmp_path, visitors=50, days=10)
    own = tmp_path / "landing" / "web" / "mine.parquet"
    own.write_bytes(b"mine")
    write_demo(tmp_path, visitors=50, days=10)
    assert own.read_bytes() == b"mine"


def test_folder_of_somebody_else_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "truth.json").write_text('{"about": "something else"}')
    before = fingerprint(tmp_path)
    with pytest.raises(DemoTargetError, match="not empty"):
        write_demo(tmp_path, visitors=50)
    assert fingerprint(tmp_path) == before


def test_unknown_layout_names_the_choices(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="choose one of: raw"):
        write_demo(tmp_path / "new", layout="csv")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("visitors", [1, 7, 60])
def test_tiny_demos_are_written_too(tmp_path: Path, visitors: int) -> None:
    summary = write_demo(tmp_path, visitors=visitors, days=3)
    assert summary.messages > 0
    assert len(json.loads((tmp_path / "truth.json").read_text())["results"]) == 30


def test_large_demos_land_a_file_a_day_of_receipt(tmp_path: Path) -> None:
    write_demo(tmp_path, visitors=5_000, days=10)
    days = sorted(path.name for path in (tmp_path / "landing" / "web").iterdir())
    assert days == [f"day=2026-06-{day}" for day in range(21, 31)]
    for path in (tmp_path / "landing").rglob("*.parquet"):
        received = pl.read_parquet(path)["receivedAt"].cast(pl.String).str.head(10)
        assert set(received) == {path.parent.name.removeprefix("day=")}


def test_summary_tells_what_landed(tmp_path: Path) -> None:
    summary = write_demo(tmp_path, visitors=300, days=20)
    files = list(summary.paths.landing.rglob("*.parquet"))
    assert summary.files == len(files)
    assert summary.bytes == sum(path.stat().st_size for path in files)
    assert summary.messages == sum(pl.read_parquet(path).height for path in files)
    assert summary.paths.settings.is_file()


def test_sample_size_stays_committable(tmp_path: Path) -> None:
    summary = write_demo(tmp_path, visitors=1_000)
    sizes = [path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()]
    assert len(sizes) <= 40
    assert max(sizes) < 1_000_000
    assert sum(sizes) < 3_000_000
    assert summary.messages > 10_000


def test_settings_connect_every_source_and_name_the_conversions(demo: Path) -> None:
    settings = yaml.safe_load((demo / "lift.yml").read_text())
    assert set(settings["sources"]) == {path.name for path in (demo / "landing").iterdir()}
    behaviour = {key: source for key, source in settings["sources"].items() if key != "flags"}
    assert all("mutiny" in source["destinations"] for source in behaviour.values())
    names = [conversion["name"] for conversion in settings["conversions"]]
    assert names == ["signup", "order", "demo_request"]
    assert settings["conversions"][0]["main"] is True
    assert settings["conversions"][1]["distinct_by"] == "properties.order_id"


def test_truth_has_a_row_per_experience_segment_and_conversion(truth: dict[str, Any]) -> None:
    assert truth["seed"] == 11
    assert truth["visitors"] == 2_500
    assert datetime.fromisoformat(truth["as_of"]) > datetime(2026, 6, 30, tzinfo=UTC)
    keys = {(r["experience"], r["audience_segment"], r["conversion"]) for r in truth["results"]}
    assert len(keys) == len(truth["results"]) == (3 * 3 + 1) * 3  # a flag has no segments
    assert {row["vendor"] for row in truth["results"]} == {"mutiny", "split", "abmatic"}
    assert {row["audience_segment"] for row in truth["results"]} >= {"(all)", "Small company"}


def test_true_rates_are_near_the_observed_ones(truth: dict[str, Any]) -> None:
    for row in truth["results"]:
        for arm in row["arms"].values():
            rate = arm["converters"] / arm["visitors"]
            error = (arm["true_rate"] * (1 - arm["true_rate"]) / arm["visitors"]) ** 0.5
            assert abs(rate - arm["true_rate"]) < 4 * error
            assert arm["true_rate"] < arm["drawn_rate"]


def test_true_lift_is_that_of_the_design(truth: dict[str, Any]) -> None:
    effects = {
        (experience["experience"], segment["audience_segment"]): segment["effects"]
        for experience in truth["design"]["experiences"]
        for segment in experience["segments"]
    }
    for row in truth["results"]:
        arms = row["arms"]
        lift = arms["personalized"]["true_rate"] / arms["control"]["true_rate"] - 1
        assert row["true_lift"] == pytest.approx(lift, abs=1e-6)
        if row["audience_segment"] != "(all)":
            designed = effects[row["experience"], row["audience_segment"]][row["conversion"]]
            assert row["true_lift"] == pytest.approx(designed - 1, abs=1e-6)


def test_importing_the_package_loads_no_numerics() -> None:
    code = "import jobs.demo, sys; print({'numpy', 'polars'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
