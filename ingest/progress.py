"""How far an ingest is."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Staged:
    """Messages and bytes staged so far, of the bytes that are new."""

    rows: int
    bytes: int
    bytes_to_read: int


Progress = Callable[[Staged], None]


def silent(_: Staged) -> None:
    """Report nothing."""
