"""Writes a demo: a landing zone with a known lift, its configuration and its truth."""

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

LAYOUTS = ("raw", "data-lakes", "s3")
GENERATOR = "lift demo"


class DemoTargetError(FileExistsError):
    """The folder has content that no demo has written; nothing was changed."""


class DemoPaths(NamedTuple):
    """What a demo's folder contains."""

    landing: Path
    settings: Path
    truth: Path


@dataclass(frozen=True)
class DemoSummary:
    """What `write_demo` has written; `bytes` and `files` are those of the landing zone."""

    messages: int
    files: int
    bytes: int
    visitors: int
    paths: DemoPaths


def write_demo(
    target: Path,
    visitors: int = 20_000,
    days: int = 30,
    seed: int = 7,
    layout: str = "raw",
) -> DemoSummary:
    """Write `landing/`, `lift.yml` and `truth.json` into `target`.

    Equal arguments write equal bytes: the last day is always 2026-06-30, whatever the clock says.
    In the folder of an earlier demo, that demo's files are replaced and others are left alone.

    Raises:
        DemoTargetError: `target` has other content; nothing was changed.
        ValueError: an argument is out of range, or `layout` is unknown.
    """
    if layout not in LAYOUTS:
        raise ValueError(f"unknown layout {layout!r}; choose one of: {', '.join(LAYOUTS)}")
    for name, value, least in (("visitors", visitors, 1), ("days", days, 1), ("seed", seed, 0)):
        if value < least:
            raise ValueError(f"{name} is {value}; give a number of at least {least}")

    # The generator's libraries take long to load; no other command should wait for them.
    from jobs.demo.landing import remove_landing, write_landing
    from jobs.demo.simulate import simulate_company
    from jobs.demo.truth import derive_truth

    paths = _claim(target)
    with simulate_company(visitors, days, seed) as con:
        truth = {
            "generator": GENERATOR,
            "seed": seed,
            "visitors": visitors,
            "days": days,
            **derive_truth(con),
        }
        # The truth first: it marks the folder as a demo's, should the landing be cut short.
        paths.truth.write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")
        settings = files(__package__).joinpath("lift.yml")
        paths.settings.write_text(settings.read_text(encoding="utf-8"), encoding="utf-8")
        remove_landing(paths.landing)
        sizes = [path.stat().st_size for path in write_landing(con, paths.landing, layout)]
    return DemoSummary(truth["messages"], len(sizes), sum(sizes), visitors, paths)


def _claim(target: Path) -> DemoPaths:
    """Create `target`, or accept the folder of an earlier demo."""
    paths = DemoPaths(target / "landing", target / "lift.yml", target / "truth.json")
    if target.exists() and not target.is_dir():
        raise DemoTargetError(f"{target} is a file; give a folder that is new or empty")
    if target.is_dir() and any(target.iterdir()) and not _is_demo(paths.truth):
        raise DemoTargetError(
            f"{target} is not empty and has no truth.json of an earlier demo, so nothing was"
            " written; give a folder that is new or empty"
        )
    target.mkdir(parents=True, exist_ok=True)
    return paths


def _is_demo(truth: Path) -> bool:
    try:
        content = json.loads(truth.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("generator") == GENERATOR
