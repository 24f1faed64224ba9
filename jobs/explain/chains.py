"""Chains of links: which messages tie one identifier to another, by the fewest links.

The links of a publication are many, so they stay in it: a walk goes one link further at a time,
from everything met so far, and keeps in `reached` how it came there.
"""

from collections.abc import Iterator

import duckdb

from jobs.explain.identifiers import Identifier
from jobs.explain.links import Link, keep_links_of, links_of_rows

# Between two persons a longer chain explains nothing any more.
FARTHEST = 12

START = """
create or replace temp table reached as
select
    $id_type as id_type, $id_value as id_value, $is_strong as has_strong, 0 as distance,
    null::varchar as from_type, null::varchar as from_value,
    null::varchar as first_message_id, null::timestamp as first_seen_at,
    null::timestamp as last_seen_at, null::bigint as observations
"""

# What two users share does not tie them: within a person no chain leads through a device from one
# strong identifier to another.
STEP = """
insert into reached
select
    links.to_type, links.to_value,
    reached.has_strong or links.to_type in ('user_id', 'email'),
    $distance,
    links.from_type, links.from_value,
    links.first_message_id, links.first_seen_at, links.last_seen_at, links.observations
from reached
inner join {links} as links
    on reached.id_type = links.from_type and reached.id_value = links.from_value
anti join reached as known
    on links.to_type = known.id_type and links.to_value = known.id_value
where reached.distance = $distance - 1
    and (
        $across_persons
        or links.to_type not in ('user_id', 'email')
        or links.from_type in ('user_id', 'email')
        or not reached.has_strong
    )
qualify row_number() over (
    partition by links.to_type, links.to_value
    order by links.first_seen_at, links.first_message_id, links.from_type, links.from_value
) = 1
"""

ARRIVED = """
select count(*), coalesce(bool_or(id_type in ('user_id', 'email')), false)
from reached
where distance = ?
"""

CHAIN = """
with recursive chain as (
    select * from reached where id_type = ? and id_value = ?
    union all
    select reached.*
    from chain
    inner join reached
        on chain.from_type = reached.id_type and chain.from_value = reached.id_value
)
select
    from_type, from_value, id_type, id_value, first_message_id, first_seen_at, last_seen_at,
    observations
from chain
where distance > 0
order by distance
"""


def walk(
    con: duckdb.DuckDBPyConnection, start: Identifier, across_persons: bool = False
) -> Iterator[bool]:
    """Go one link further at a time until nothing new is met; say whether a strong one was met.

    Within persons the links kept by `keep_links_of` are walked, across them all that touch no hub.
    """
    step = STEP.format(links="links_without_hubs" if across_persons else "links_of_persons")
    begin = {"id_type": start.id_type, "id_value": start.id_value, "is_strong": start.is_strong}
    con.execute(START, begin)
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
    return links_of_rows(con.execute(CHAIN, [end.id_type, end.id_value]).fetchall())
