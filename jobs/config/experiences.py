"""What is known about experiences, and the conversions that measure them."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from jobs.config.base import Part, refuse
from jobs.config.problems import Mistake
from jobs.config.values import (
    Name,
    Number,
    PathText,
    PositiveDuration,
    RequiredNameList,
    TriggerText,
)

_SUM_TOLERANCE = 1e-9


class Period(Part):
    """A run of a relaunched experience: from `from`, to before `to`; without `to` it is open."""

    from_date: date = Field(alias="from")
    to_date: date | None = Field(default=None, alias="to")


def _in_order(periods: tuple[Period, ...]) -> tuple[Period, ...]:
    mistakes: list[Mistake] = [
        ((i,), f"begins on {period.from_date} but ends on {period.to_date}; swap the two")
        for i, period in enumerate(periods)
        if period.to_date is not None and period.from_date >= period.to_date
    ]
    if not mistakes:
        ordered = sorted(enumerate(periods), key=lambda numbered: numbered[1].from_date)
        for (_, earlier), (index, later) in pairwise(ordered):
            if earlier.to_date is None or later.from_date < earlier.to_date:
                end = "has no end" if earlier.to_date is None else f"ends on {earlier.to_date}"
                message = (
                    f"overlaps the period from {earlier.from_date}, which {end};"
                    f" end that one by {later.from_date}"
                )
                mistakes.append(((index,), message))
    refuse(mistakes)
    return periods


def _sums_to_one(split: dict[str, float]) -> dict[str, float]:
    total = sum(split.values())
    if abs(total - 1) > _SUM_TOLERANCE:
        raise ValueError(f"must sum to 1, not {total:.10g}; correct the shares")
    return split


SplitShares = Annotated[
    dict[Name, Annotated[Number, Field(gt=0, le=1)]],
    Field(min_length=1),
    AfterValidator(_sums_to_one),
]
Periods = Annotated[tuple[Period, ...], Field(min_length=1), AfterValidator(_in_order)]


class ExperienceSettings(Part):
    """New names by old name, and the expected splits and periods by experience."""

    segment_aliases: dict[Name, Name] = Field(default_factory=dict)
    expected_split: dict[Name, SplitShares] = Field(default_factory=dict)
    periods: dict[Name, Periods] = Field(default_factory=dict)


class ConversionSettings(Part):
    """A conversion: which messages count as one, and what they are worth.

    `sources` lists the sources that count, by key or id. Of messages with the same `distinct_by`
    only the first counts.
    """

    name: Name
    trigger: TriggerText
    main: bool = False
    window: PositiveDuration = timedelta(days=7)
    value: PathText | None = None
    currency: PathText | None = None
    distinct_by: PathText | None = None
    refund: TriggerText | None = None
    sources: RequiredNameList | None = None
