"""Where the marks of small charts lie: intervals in rows, and lines in the size of a word."""

from collections.abc import Sequence
from math import log
from typing import Any

# A row shows lifts from -75 % to +300 %: half and double are equally far from no effect.
LOWEST, HIGHEST = 0.25, 4.0
WIDTH = 160
SPARK_WIDTH, SPARK_HEIGHT = 110, 26
POINTS = 60

ZERO = WIDTH / 2
TICKS = (("\N{MINUS SIGN}50%", WIDTH / 4), ("0", WIDTH / 2), ("+100%", WIDTH * 3 / 4))


def interval(
    lift: float | None, lower: float | None, upper: float | None, *, is_for_one_look: bool = False
) -> dict[str, Any]:
    """Return where a lift and its interval lie; what is beyond the row ends in an arrow."""
    return {
        "x": None if lift is None else _x(lift),
        "from": None if lower is None else _x(lower),
        "to": None if upper is None else _x(upper),
        "is_cut_below": lower is not None and 1 + lower < LOWEST,
        "is_cut_above": upper is not None and 1 + upper > HIGHEST,
        "is_for_one_look": is_for_one_look,
    }


def running_line(days: Sequence[dict[str, Any]]) -> dict[str, str] | None:
    """Return the lift by day and the band of its running interval, or None without two days."""
    step = max(1, -(-len(days) // POINTS))
    shown = [*days[:-1:step], *days[-1:]]
    if len(shown) < 2:
        return None
    across = [_round(index * SPARK_WIDTH / (len(shown) - 1)) for index in range(len(shown))]
    line, upper, lower = [], [], []
    for x, day in zip(across, shown, strict=True):
        if day["lift"] is not None:
            line.append(f"{x},{_y(day['lift'])}")
        if day["running_ci_lower"] is not None and day["running_ci_upper"] is not None:
            upper.append(f"{x},{_y(day['running_ci_upper'])}")
            lower.append(f"{x},{_y(day['running_ci_lower'])}")
    return {"line": " ".join(line), "band": " ".join([*upper, *reversed(lower)])}


def size_line(sizes: Sequence[int]) -> str | None:
    """Return the line of a count over time, from zero up."""
    if len(sizes) < 2:
        return None
    top = max(*sizes, 1)
    return " ".join(
        f"{_round(index * SPARK_WIDTH / (len(sizes) - 1))},"
        f"{_round(SPARK_HEIGHT - 2 - size / top * (SPARK_HEIGHT - 4))}"
        for index, size in enumerate(sizes)
    )


def _x(lift: float) -> str:
    return _round(WIDTH * _place(lift))


def _y(lift: float) -> str:
    return _round(SPARK_HEIGHT * (1 - _place(lift)))


def _place(lift: float) -> float:
    """Return where a lift lies between the ends of the scale, from 0 to 1."""
    ratio = min(max(1 + lift, LOWEST), HIGHEST)
    return log(ratio / LOWEST) / log(HIGHEST / LOWEST)


def _round(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
