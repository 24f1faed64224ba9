"""The units of an experience, one a line: who they are, what they saw, whether they converted."""

from jobs.cli.terminal import write_rows
from jobs.cli.words import printable
from jobs.config import Settings
from jobs.errors import UsageError
from jobs.explain.grains import conversions_asked, grains_of
from jobs.explain.outcomes import trace_outcomes
from jobs.fql.dialect import text_literal
from jobs.publication import read_publication

ARMS = ("control", "personalized")

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

ORDERED = "from unit_list order by vendor, period, first_exposed_at, unit_id"

FORMS = {
    "text": "format csv, header true",
    "json": "format json, timestampformat '%Y-%m-%dT%H:%M:%S.%f'",
}


def print_units(
    settings: Settings,
    name: str,
    segment: str | None = None,
    arm: str | None = None,
    conversion: str | None = None,
    log_format: str = "text",
) -> None:
    """Write the units of an experience to standard output as CSV, or as one JSON object a line.

    `converted_<conversion>` is whether a conversion that the vendor counts fell into the window.

    Raises:
        UsageError: the experience, segment, arm or conversion is unknown.
    """
    if arm not in (None, *ARMS):
        raise UsageError(f"--arm {printable(str(arm))} is unknown; use {' or '.join(ARMS)}.")
    converted = "".join(
        CONVERTED.format(
            conversion=text_literal(each.name),
            column='"converted_' + each.name.replace('"', '""') + '"',
        )
        for each in conversions_asked(settings, conversion)
    )
    query = UNITS_OF_GRAIN.format(converted=converted)
    with read_publication(settings) as con:
        for number, grain in enumerate(grains_of(con, name, segment)):
            trace_outcomes(con, settings, grain)
            keep = "insert into unit_list" if number else "create temp table unit_list as"
            con.execute(keep + query, {**grain.named(), "arm": arm})
        write_rows(con, ORDERED, FORMS[log_format])
