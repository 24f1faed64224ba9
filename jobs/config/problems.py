"""What a mistake in `lift.yml` is reported as."""

from collections.abc import Iterable
from dataclasses import dataclass

Location = tuple[str | int, ...]
Mistake = tuple[Location, str]
"""Where a mistake is, and the rest of a sentence that begins with that key."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: the file, its line (None if it has none), the key and what is said of it."""

    file: str
    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        """Return for example `lift.yml:9: resources.threads is missing; add it`."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {f'{self.key} {self.message}'.strip()}"


class SettingsError(Exception):
    """The configuration is wrong; `problems` holds every mistake, in the order of the lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Sort the problems and show one per line."""
        self.problems = tuple(sorted(problems, key=lambda p: (p.line or 0, p.key)))
        super().__init__("\n".join(map(str, self.problems)))


def key_text(location: Location) -> str:
    """Return a location as people write it: `conversions[0].trigger`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")
