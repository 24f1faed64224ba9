"""What a mistake in a trigger or a path is reported as: one sentence with its column."""

from collections.abc import Iterable


class FqlSyntaxError(ValueError):
    """A mistake in a trigger or a path.

    Attributes:
        reason: what is wrong.
        column: where, counted from 1 in characters of the text.
        remedy: what to do about it.
    """

    def __init__(self, reason: str, column: int, remedy: str) -> None:
        """Compose the sentence out of its three parts."""
        super().__init__(f"{reason} at column {column}; {remedy}")
        self.reason = reason
        self.column = column
        self.remedy = remedy


class TriggerSyntaxError(FqlSyntaxError):
    """The mistakes in a trigger: its sentence is that of the first.

    Attributes:
        mistakes: all of them, in the order of their columns.
    """

    def __init__(self, mistakes: Iterable[FqlSyntaxError]) -> None:
        """Put the mistakes in order; there must be one at least."""
        found = {(mistake.column, mistake.reason): mistake for mistake in mistakes}
        self.mistakes = tuple(found[place] for place in sorted(found))
        first = self.mistakes[0]
        super().__init__(first.reason, first.column, first.remedy)


class PathSyntaxError(FqlSyntaxError):
    """A mistake in the path of a field."""
