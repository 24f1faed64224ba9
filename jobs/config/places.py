"""The places of the job must lie apart: it replaces and deletes what is in its own."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from jobs.config.model import Settings
from jobs.config.problems import Location, key_text


@dataclass(frozen=True, slots=True)
class Place:
    """A local file or folder, the key that names it, and what it is if not that key's own."""

    key: Location
    path: Path
    what: str = ""

    def parts(self) -> tuple[str, ...]:
        """Return the parts of the path: links are followed, case does not count.

        Not every file system keeps names apart by their case.
        """
        return Path(os.path.realpath(self.path).casefold()).parts

    def __str__(self) -> str:
        """Return the path with what it is."""
        return f"{self.path} ({self.what or key_text(self.key)})"


def find_overlaps(settings: Settings, data: Mapping[str, Any]) -> Iterator[tuple[Location, str]]:
    """Yield each pair of keys of which one's place is, contains or lies in the other's.

    The mistake is at the later key that `data`, the file as it was read, has.
    """
    found: set[tuple[Location, Location]] = set()
    for first, second in combinations(_places(settings), 2):
        keys = {first.key[0], second.key[0]}
        if len(keys) == 1 or keys == {"warehouse", "resources"}:
            continue  # one folder may hold the files of the CRM, and spill files the warehouse
        wrong, other = (second, first) if second.key[0] in data else (first, second)
        relation = _relation(wrong.parts(), other.parts())
        if relation and (wrong.key, other.key) not in found:
            found.add((wrong.key, other.key))
            yield wrong.key, f"{wrong.path} {relation} {other}; put them into separate folders"


def _places(settings: Settings) -> Iterator[Place]:
    warehouse = settings.warehouse
    yield Place(("warehouse",), warehouse)
    # An erasure removes these, with all that is in them.
    for folder in ("target", "logs"):
        path = warehouse.parent / "dbt" / folder
        yield Place(("warehouse",), path, "dbt's files beside the warehouse")
    yield Place(("warehouse",), Path(f"{warehouse}.tmp"), "temporary files beside the warehouse")
    if "://" not in settings.landing:
        yield Place(("landing",), Path(settings.landing))
    yield Place(("publish",), settings.publish)
    if settings.resources.temp is not None:
        yield Place(("resources", "temp"), settings.resources.temp)
    for key in ("leads", "contacts"):
        path = getattr(settings.crm, key)
        if path is not None:
            yield Place(("crm", key), path)


def _relation(wrong: tuple[str, ...], other: tuple[str, ...]) -> str | None:
    if wrong == other:
        return "is"
    if other[: len(wrong)] == wrong:
        return "contains"
    return "lies in" if wrong[: len(other)] == other else None
