"""The units of an experience, one a line: who they are, what they saw, whether they converted."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from ingest.sql import literal, quoted
from jobs.config import Settings
from jobs.explain.grains import conversions_asked, grains_of
from jobs.explain.outcomes import trace_outcomes
from jobs.publication import read_publication

# A crossover that the policy leaves out of every figure has converted or not all the same.
UNITS_OF_GRAIN = """
select
    $vendor as vendor, $experience as experience, $audience_segment as audience_segment,
    $period::date as period, units.unit_type, units.unit_id, units.variant, units.arm,
    units.first_exposed_at, units.is_crossover{converted}
from units
left join outcomes on units.unit_id = outcomes.unit_id
where $arm is null or units.arm = $arm
group by all
"""

CONVERTED = """,
    count(*) filter (
        where outcomes.conversion = {conversion} and outcomes.outcome in ('counted', 'crossover')
    ) > 0 as {column}"""

IN_ORDER = "from unit_list order by vendor, period, first_exposed_at, unit_id"


@contextmanager
def unit_list(
    settings: Settings,
    name: str,
    segment: str | None = None,
    arm: str | None = None,
    conversion: str | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the publication with the units of an experience in the temporary table `unit_list`.

    `converted_<conversion>` is whether a conversion that the vendor counts fell into the window.

    Raises:
        UsageError: the experience, segment or conversion is unknown.
    """
    converted = "".join(
        CONVERTED.format(conversion=literal(each.name), column=quoted(f"converted_{each.name}"))
        for each in conversions_asked(settings, conversion)
    )
    query = UNITS_OF_GRAIN.format(converted=converted)
    with read_publication(settings) as con:
        for number, grain in enumerate(grains_of(con, name, segment)):
            trace_outcomes(con, settings, grain)
            keep = "insert into unit_list" if number else "create temp table unit_list as"
            con.execute(keep + query, {**grain.named(), "arm": arm})
        yield con
