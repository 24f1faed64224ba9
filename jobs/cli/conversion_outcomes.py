"""What became of a conversion in each experience, in words."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from jobs.explain.message import ConversionOutcome

NOWHERE = "(none)"

IN_WORDS = {
    "repeated_value": "not counted: another message of the same distinct_by value is the one",
    "without_unit": "not counted: the message carries no {unit}",
    "never_exposed": "not counted: the {unit} did not see them",
    "before_exposure": "not counted: it happened before the {unit}'s first view",
    "outside_window": "not counted: it happened after the window",
    "crossover": "not counted: the {unit} saw several variants and is left out",
    "counted": "counted for {variant} ({arm})",
}
NOT_RECEIVED = "not counted: {vendor} did not receive it ({outcome})"


def outcome_lines(outcomes: Iterable[ConversionOutcome]) -> Iterator[str]:
    """Yield a line per conversion, vendor and unit, and one per grain below it."""
    for (conversion, vendor, unit_type, unit_id), rows in groupby(
        outcomes, key=lambda one: (one.conversion, one.vendor, one.unit_type, one.unit_id)
    ):
        unit = "" if unit_id is None else f" {unit_id}"
        yield f"  {conversion} for {vendor}, {unit_type}{unit}"
        for row in rows:
            yield f"    {_where(row)}: {_words(row)}"


def _where(outcome: ConversionOutcome) -> str:
    if outcome.experience == NOWHERE:
        return "other experiences"
    period = "" if outcome.period is None else f", period from {outcome.period}"
    return f"{outcome.experience} / {outcome.audience_segment}{period}"


def _words(outcome: ConversionOutcome) -> str:
    return IN_WORDS.get(outcome.outcome, NOT_RECEIVED).format(
        unit=outcome.unit_type,
        vendor=outcome.vendor,
        outcome=outcome.outcome,
        variant=outcome.variant,
        arm=outcome.arm,
    )
