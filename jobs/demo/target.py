"""Where a demo may be written, and what writing it gives back."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

GENERATOR = "lift demo"
LANDING = "landing"
SETTINGS = "lift.yml"
TRUTH = "truth.json"


class DemoTargetError(FileExistsError):
    """The folder holds something that no demo has written; nothing was changed."""


class DemoPaths(NamedTuple):
    """What stands in a demo's folder."""

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


def claim_target(target: Path) -> DemoPaths:
    """Make `target` ready for a demo: create it, or accept a folder that an earlier demo has left.

    Raises:
        DemoTargetError: `target` is a file, or a folder with content but without a demo's truth.
    """
    paths = DemoPaths(target / LANDING, target / SETTINGS, target / TRUTH)
    if target.exists() and not target.is_dir():
        raise DemoTargetError(f"{target} is a file; give a folder that is new or empty")
    if target.is_dir() and any(target.iterdir()) and not _is_demo(paths.truth):
        raise DemoTargetError(
            f"{target} is not empty and has no {TRUTH} of an earlier demo, so nothing was written; "
            "give a folder that is new or empty"
        )
    target.mkdir(parents=True, exist_ok=True)
    return paths


def _is_demo(truth: Path) -> bool:
    try:
        content = json.loads(truth.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("generator") == GENERATOR
