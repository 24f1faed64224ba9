"""What is explained: the vendors and periods of an experience, a segment, conversions."""

from dataclasses import asdict, dataclass
from datetime import date

import duckdb

from jobs.config import Settings
from jobs.config.base import did_you_mean, ended
from jobs.config.experiences import ConversionSettings
from jobs.errors import UsageError
from jobs.sql_files import read_sql
from jobs.words import printable

EVERYBODY = "(all)"

EXPERIENCES = "select distinct experience from fct_exposures order by all"

SEGMENTS = """
select distinct audience_segment from fct_assignments where experience = ? order by all
"""


@dataclass(frozen=True, slots=True)
class Grain:
    """What an experience is explained for: a vendor, a segment or (all), a period or none."""

    vendor: str
    experience: str
    audience_segment: str
    period: date | None

    def named(self) -> dict[str, str | date | None]:
        """Return it as the parameters of a query."""
        return asdict(self)


def conversions_asked(settings: Settings, name: str | None) -> list[ConversionSettings]:
    """Return the conversion of that name, else all of them, the main one first.

    Raises:
        UsageError: no conversion of the configuration has that name.
    """
    names = [each.name for each in settings.conversions]
    if name is not None and name not in names:
        raise UsageError(
            f"No conversion is called {printable(name)}; {ended(did_you_mean(name, names))}"
        )
    asked = [each for each in settings.conversions if name in (None, each.name)]
    return sorted(asked, key=lambda each: each is not settings.main_conversion)


def grains_of(con: duckdb.DuckDBPyConnection, name: str, segment: str | None) -> list[Grain]:
    """Return every vendor and period that has the experience, for one segment or (all).

    Raises:
        UsageError: nobody was shown an experience of that name, or in that segment.
    """
    known = [each for (each,) in con.execute(EXPERIENCES).fetchall()]
    if name not in known:
        remedy = printable(ended(did_you_mean(name, known)))
        raise UsageError(f"No experience is called {printable(name)}; {remedy}")
    audience_segment = EVERYBODY if segment is None else segment
    asked = {"experience": name, "audience_segment": audience_segment}
    grains = [
        Grain(vendor, name, audience_segment, period)
        for vendor, period in con.execute(read_sql(__file__, "grains"), asked).fetchall()
    ]
    if not grains:
        segments = [each for (each,) in con.execute(SEGMENTS, [name]).fetchall()]
        remedy = printable(ended(did_you_mean(audience_segment, segments)))
        raise UsageError(
            f"{printable(name)} has no audience segment {printable(audience_segment)}; {remedy}"
        )
    return grains
