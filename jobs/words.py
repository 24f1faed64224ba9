"""How times, intervals, counts and foreign text are printed for people."""

import unicodedata
from datetime import datetime

# Characters that join the letters of a script or the parts of an emoji.
JOINERS = "\u200c\u200d"

VERDICTS = {
    "winner": "Personalized wins",
    "loser": "Control wins",
    "inconclusive": "No verdict yet",
    "insufficient_data": "Too few visitors yet",
    "no_control_arm": "No control group",
    "no_treatment_arm": "Nobody saw it personalized",
    "zero_control_rate": "Control never converted",
    "zero_variance": "Everybody did the same",
    "sample_ratio_mismatch": "Split is broken: do not trust",
}
"""The status of a row of lift in words."""


def printable(text: str) -> str:
    """Return the text with control characters escaped, so that it cannot steer a terminal."""
    if text.isprintable():
        return text
    return "".join(
        letter if _is_shown(letter) else letter.encode("unicode_escape").decode() for letter in text
    )


def _is_shown(letter: str) -> bool:
    return letter.isprintable() or letter in JOINERS or unicodedata.category(letter) == "Zs"


def written(at: datetime | None) -> str:
    """Return a time without trailing zeros."""
    if at is None:
        return "never"
    return at.isoformat(" ", "auto" if at.microsecond % 1000 else "milliseconds").removesuffix(
        ".000"
    )


def interval(begins: datetime | None, ends: datetime | None) -> str:
    """Return a half-open interval in words; None is open on that side."""
    if begins is None and ends is None:
        return "always"
    if begins is None:
        return f"until {written(ends)}"
    if ends is None:
        return f"from {written(begins)}"
    return f"from {written(begins)} until {written(ends)}"


def count_of(number: int, noun: str) -> str:
    """Return a number of things, as in `1 person` and `2,000 persons`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
