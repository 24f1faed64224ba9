"""What a mistake in `lift.yml` is reported as."""

from collections.abc import Iterable
from dataclasses import dataclass

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: the file, its line (None when there is none), the key and one sentence."""

    file: str
    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        """Return for example `lift.yml:12: conversions[0].window: 7 is no duration; write 7d.`."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        parts = [place, *([self.key] if self.key else []), " ".join(self.message.split())]
        return ": ".join(parts) + ("" if self.message.endswith(("?", ".")) else ".")


class SettingsError(Exception):
    """The configuration is wrong; `problems` holds every mistake, in the order of the lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Sort the problems and show one a line."""
        self.problems = tuple(sorted(problems, key=lambda p: (p.line or 0, p.key, p.message)))
        super().__init__("\n".join(map(str, self.problems)))


def key_text(location: Location) -> str:
    """Return a location as people write it: `conversions[0].trigger`."""
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text
