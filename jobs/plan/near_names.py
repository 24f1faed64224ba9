"""The names that were sent and are nearest to those a trigger asks for."""

from dataclasses import dataclass

import duckdb

from jobs.fql import Trigger

# The rule of the macro `is_near_name`: of three letters one may differ, whatever the case and what
# stands between words.
NEAR = r"""
with names as (
    select
        expected.name as expected_name,
        catalog.event_name,
        catalog.type,
        catalog.events,
        regexp_replace(lower(expected.name), '[\s_.\-]+', '', 'g') as expected_folded,
        regexp_replace(lower(catalog.event_name), '[\s_.\-]+', '', 'g') as folded
    from (select unnest($names::varchar[]) as name) as expected
    cross join rpt_conversion_catalog as catalog
    where greatest(length(expected.name), length(catalog.event_name)) <= 200
)

select event_name, type, events, bool_or(expected_name = event_name)
from names
where levenshtein(expected_folded, folded) * 3
    <= greatest(length(expected_folded), length(folded))
group by event_name, type, events
order by min(levenshtein(expected_folded, folded)), events desc, event_name, type
limit 3
"""


@dataclass(frozen=True, slots=True)
class NearName:
    """A name that was sent; `is_same` where the trigger names it and asks for more besides."""

    name: str
    type: str
    messages: int
    is_same: bool

    def __str__(self) -> str:
        """Return the name as findings show it."""
        call = "" if self.type == "track" else f"{self.type}, "
        return f'"{self.name}" ({call}{self.messages:,})'


def near_names(con: duckdb.DuckDBPyConnection, trigger: Trigger) -> list[NearName]:
    """Return at most three names, the nearest first."""
    names = trigger.expected_names()
    return [NearName(*row) for row in con.execute(NEAR, {"names": names}).fetchall()]
