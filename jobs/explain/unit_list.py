"""The units of an experience, one per line: who they are, what they saw, whether they converted."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from ingest.sql import literal, quoted
from jobs.config import Settings
from jobs.explain.grains import EVERYBODY, conversions_asked, grains_of
from jobs.publication import read_publication
from jobs.sql_files import read_sql

CONVERTED = """,
    coalesce(
        bool_or(outcomes.is_converted) filter (where outcomes.conversion = {conversion}), false
    ) as {column}"""


@contextmanager
def unit_list(
    settings: Settings,
    name: str,
    segment: str | None = None,
    arm: str | None = None,
    conversion: str | None = None,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """Open the publication, with the query for the units of an experience in their order.

    `converted_<conversion>` is whether a conversion that the vendor counts fell into the window.

    Raises:
        UsageError: the experience, segment or conversion is unknown.
    """
    converted = "".join(
        CONVERTED.format(conversion=literal(each.name), column=quoted(f"converted_{each.name}"))
        for each in conversions_asked(settings, conversion)
    )
    query = read_sql(__file__, "unit_list").format(
        converted=converted,
        experience=literal(name),
        audience_segment=literal(EVERYBODY if segment is None else segment),
        arm="null" if arm is None else literal(arm),
    )
    with read_publication(settings) as con:
        grains_of(con, name, segment)
        yield con, query
