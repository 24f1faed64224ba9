"""Intervals of membership from what is true when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple


class Span(NamedTuple):
    """Half-open; None is open."""

    start: datetime
    end: datetime | None

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment and (self.end is None or moment < self.end)


def spans(states: Iterable[tuple[datetime, bool]]) -> list[Span]:
    """The intervals in which it is true; states are in order, the last of an instant counts.

    So what ends the instant it began leaves nothing, and what begins the instant it ended never
    ended.
    """
    found: list[Span] = []
    start: datetime | None = None
    for moment, is_true in sorted(dict(states).items()):
        if is_true and start is None:
            start = moment
        elif not is_true and start is not None:
            found.append(Span(start, moment))
            start = None
    return found if start is None else [*found, Span(start, None)]
