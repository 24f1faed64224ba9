"""The job replaces and deletes files in its own folders, so they must not contain one another."""

import os
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from jobs.config.model import Settings
from jobs.config.problems import Location, Mistake, key_text

_Place = tuple[Location, Path, str]  # the key that names it, its path, and what it is


def find_overlaps(settings: Settings, data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yield each pair of keys with one place equal to, around or inside the other.

    The mistake is at the later key that is in `data`, the file as it was read.
    """
    found: set[tuple[Location, Location]] = set()
    for first, second in combinations(_places(settings), 2):
        names = {first[0][0], second[0][0]}
        if len(names) == 1 or names == {"warehouse", "resources"}:
            continue  # CRM files may share a folder, and spill files may lie beside the warehouse
        wrong, other = (second, first) if second[0][0] in data else (first, second)
        relation = _relation(_parts(wrong[1]), _parts(other[1]))
        if relation and (wrong[0], other[0]) not in found:
            found.add((wrong[0], other[0]))
            yield (
                wrong[0],
                f"{wrong[1]} {relation} {other[1]} ({other[2]}); use separate folders",
            )


def _places(settings: Settings) -> Iterator[_Place]:
    warehouse = settings.warehouse
    beside = {  # an erasure removes these, with all that is in them
        warehouse.parent / "dbt" / "target": "dbt's files beside the warehouse",
        warehouse.parent / "dbt" / "logs": "dbt's files beside the warehouse",
        Path(f"{warehouse}.tmp"): "temporary files beside the warehouse",
    }
    landing = None if "://" in settings.landing else Path(settings.landing)
    yield ("warehouse",), warehouse, "warehouse"
    yield from ((("warehouse",), path, what) for path, what in beside.items())
    for location, path in (
        (("landing",), landing),
        (("publish",), settings.publish),
        (("resources", "temp"), settings.resources.temp),
        (("crm", "leads"), settings.crm.leads),
        (("crm", "contacts"), settings.crm.contacts),
    ):
        if path is not None:
            yield location, path, key_text(location)


def _parts(path: Path) -> tuple[str, ...]:
    """Return the parts of a path, with links resolved, in lower case.

    Some file systems treat names that differ in case alone as one.
    """
    return Path(os.path.realpath(path).casefold()).parts


def _relation(wrong: tuple[str, ...], other: tuple[str, ...]) -> str | None:
    if wrong == other:
        return "is"
    if other[: len(wrong)] == wrong:
        return "contains"
    return "is inside" if wrong[: len(other)] == other else None
