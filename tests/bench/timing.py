"""Seconds of the fastest of several runs: other processes only ever make a run slower."""

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def timed(action: Callable[[], Result]) -> tuple[float, Result]:
    """Run `action` once and return its wall-clock seconds and its result."""
    started = time.perf_counter()
    result = action()
    return time.perf_counter() - started, result


def best_of(runs: int, action: Callable[[], object]) -> float:
    """Run `action` several times and return the seconds of the fastest run."""
    return min(timed(action)[0] for _ in range(runs))
