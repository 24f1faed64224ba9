"""Why a vendor's figure is another one: its bridge, as the publication has it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jobs.config import Settings
from jobs.errors import UsageError
from jobs.explain.grains import conversions_asked, grains_of
from jobs.publication import read_publication
from jobs.sql_files import read_sql
from jobs.words import printable


@dataclass(frozen=True, slots=True)
class BridgeStep:
    """The figures of a step of one arm, and what they are more or less than the step before."""

    vendor: str
    period: date | None
    conversion: str
    arm: str
    step: str
    visitors: int | None
    converters: int | None
    value: Decimal | None
    visitors_change: int | None
    converters_change: int | None
    value_change: Decimal | None


@dataclass(frozen=True, slots=True)
class Bridge:
    """All steps of an experience and audience segment, in order."""

    experience: str
    audience_segment: str
    steps: list[BridgeStep]


def explain_bridge(
    settings: Settings, name: str, segment: str | None = None, conversion: str | None = None
) -> Bridge:
    """Return the bridges of an experience, for everybody or one audience segment.

    Raises:
        UsageError: the experience, segment or conversion is unknown, or nothing is bridged.
    """
    asked = [each.name for each in conversions_asked(settings, conversion)]
    with read_publication(settings) as con:
        audience_segment = grains_of(con, name, segment)[0].audience_segment
        named = {
            "experience": name,
            "audience_segment": audience_segment,
            "conversions": asked,
        }
        found = con.execute(read_sql(__file__, "bridge_steps"), named).fetchall()
        steps = [BridgeStep(*row) for row in found]
    if not steps:
        raise UsageError(
            f"No vendor of {printable(name)} has a bridge, because none is set up; name mutiny,"
            " abmatic or split under destinations and run lift nightly."
        )
    return Bridge(name, audience_segment, steps)
