"""Chains of links: which messages tie one identifier to another, by the fewest links.

The links of a publication are many, so they stay in it: a walk goes one link further at a time,
from everything met so far, and keeps in `reached` how it came there.
"""

from collections.abc import Iterator

import duckdb

from jobs.explain.identifiers import Identifier
from jobs.explain.links import Link, keep_links_of, links_of_rows
from jobs.sql_files import read_sql

# Between two persons a longer chain explains nothing any more.
FARTHEST = 12

ARRIVED = """
select count(*), coalesce(bool_or(id_type in ('user_id', 'email')), false)
from reached
where distance = ?
"""


def walk(
    con: duckdb.DuckDBPyConnection, start: Identifier, across_persons: bool = False
) -> Iterator[bool]:
    """Go one link further at a time until nothing new is met; say whether a strong one was met.

    Within persons the links kept by `keep_links_of` are walked, across them all that touch no hub.
    """
    step = read_sql(__file__, "walk_step").format(
        links="links_without_hubs" if across_persons else "links_of_persons"
    )
    begin = {"id_type": start.id_type, "id_value": start.id_value, "is_strong": start.is_strong}
    con.execute(read_sql(__file__, "walk_start"), begin)
    distance, met, is_strong = 0, 1, start.is_strong
    while met:
        yield is_strong
        distance += 1
        con.execute(step, {"distance": distance, "across_persons": across_persons})
        met, is_strong = con.execute(ARRIVED, [distance]).fetchall()[0]


def chain_within(
    con: duckdb.DuckDBPyConnection, start: Identifier, end: Identifier, person_ids: list[str]
) -> list[Link]:
    """Return the chain that makes two identifiers one person."""
    keep_links_of(con, person_ids)
    for _ in walk(con, start):
        if chain := _chain_to(con, end):
            return chain
    return []


def chain_across(con: duckdb.DuckDBPyConnection, start: Identifier, end: Identifier) -> list[Link]:
    """Return the shortest chain between identifiers of two persons; none leads through a hub."""
    for distance, _ in enumerate(walk(con, start, across_persons=True)):
        if (chain := _chain_to(con, end)) or distance == FARTHEST:
            return chain
    return []


def _chain_to(con: duckdb.DuckDBPyConnection, end: Identifier) -> list[Link]:
    return links_of_rows(
        con.execute(read_sql(__file__, "chain"), [end.id_type, end.id_value]).fetchall()
    )
