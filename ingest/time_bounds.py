"""The first and the last instant that every reader's calendar has, and times beyond them."""

EARLIEST = "timestamp '0001-01-01 00:00:00'"
LATEST = "timestamp '9999-12-31 23:59:59.999999'"


def within_bounds(time: str) -> str:
    """Return the SQL of a time, or of the bound that it lies beyond."""
    return (
        f"case when {time} < {EARLIEST} then {EARLIEST} when {time} > {LATEST} then {LATEST}"
        f" else {time} end"
    )


def is_outside(time: str) -> str:
    """Return the condition that a time lies beyond a bound; false without a time."""
    return f"coalesce({time} < {EARLIEST} or {time} > {LATEST}, false)"
