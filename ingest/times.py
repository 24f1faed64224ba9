"""Which texts are times, as SQL: ISO 8601 date-times, and those of Go's `time.String()`.

The rule is the same for every precision. A bare date, an epoch number, a date without its leading
zeros and a text with space around it are not times.
"""

from collections.abc import Iterable

ISO_SHAPE = (
    r"^\d{4}-\d{2}-\d{2}[T ]([01]\d|2[0-3]):\d{2}(:\d{2}(\.\d+)?)?"
    r"(Z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?)?$"
)
GO_SHAPE = (
    r"^(\d{4}-\d{2}-\d{2}) ((?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d+)?)"
    r" ([+-](?:[01]\d|2[0-3]))([0-5]\d) .*$"
)
PLAIN_SHAPE = "0000-00-00T00:00:00.000Z".replace("0", "[0-9]")
"""How Segment writes a time, as a pattern of GLOB: cheaper than a regular expression."""

FIRST_TIME, LAST_TIME = "timestamp '0001-01-01'", "timestamp '9999-12-31 23:59:59.999999'"


def is_plain_time(text: str) -> str:
    """As `2026-05-09T23:54:49.200Z`, from the year 1 on. DuckDB would read the hour 24 as well."""
    return f"({text} glob '{PLAIN_SHAPE}' and {text} >= '0001' and not contains({text}, 'T24'))"


def parsed_time(text: str, is_plain: str) -> str:
    """Return the time that a text is, in UTC, or null; `is_plain` is SQL of `is_plain_time`."""
    rewritten = rf"regexp_replace({text}, '{GO_SHAPE}', '\1T\2\3:\4')"
    return (
        f"case when {text} is null then null"
        # What nearly every message has needs no look at time zones.
        f" when {is_plain} then try_cast({text} as timestamp)"
        f" when regexp_matches({text}, '{ISO_SHAPE}')"
        f" then try_cast({text} as timestamptz) at time zone 'UTC'"
        f" when regexp_matches({text}, '{GO_SHAPE}')"
        f" then try_cast({rewritten} as timestamptz) at time zone 'UTC' end"
    )


def time_as_text(time: str) -> str:
    """In milliseconds, as Segment writes it; in microseconds where it has them."""
    return (
        f"case when epoch_us({time}) % 1000 = 0 then strftime({time}, '%Y-%m-%dT%H:%M:%S.%gZ')"
        f" else strftime({time}, '%Y-%m-%dT%H:%M:%S.%fZ') end"
    )


def any_out_of_range(times: Iterable[str]) -> str:
    """Return the condition that a time lies outside the years 1 to 9999, as other tools read it."""
    all_times = ", ".join(times)
    return f"(greatest({all_times}) > {LAST_TIME} or least({all_times}) < {FIRST_TIME})"


def bounded_time(time: str) -> str:
    """Return a time, or the bound beyond which it lies."""
    return (
        f"case when {time} > {LAST_TIME} then {LAST_TIME}"
        f" when {time} < {FIRST_TIME} then {FIRST_TIME} else {time} end"
    )
