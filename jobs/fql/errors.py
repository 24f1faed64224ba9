"""What a mistake in a trigger or a path is reported as: one sentence with its column."""


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
    """A mistake in a trigger."""


class PathSyntaxError(FqlSyntaxError):
    """A mistake in the path of a field."""
