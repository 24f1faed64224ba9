"""What an error says, in one line, for messages that quote it."""


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, or its type when it has none."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
