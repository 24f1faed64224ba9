"""What a mistake in a trigger or a path is reported as: its column, the fact and the remedy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """A mistake; `column` counts the characters of the text from 1."""

    column: int
    reason: str
    remedy: str

    def __str__(self) -> str:
        """Return for example `column 1: 'evnt' is not a field; did you mean event?`."""
        return f"column {self.column}: {self.reason}; {self.remedy}"


class FqlSyntaxError(ValueError):
    """A trigger or a path is wrong; `mistakes` holds all that is wrong, in order of the columns."""

    def __init__(self, *mistakes: Mistake) -> None:
        """Sort the mistakes and show one per line."""
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(map(str, self.mistakes)))
