"""Links of identifiers, and where the messages that are their evidence were landed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import duckdb

from jobs.explain.identifiers import Identifier

DIRECTED_LINKS = """
create temp view directed_links as
select
    id_type_a as from_type, id_value_a as from_value, id_type_b as to_type, id_value_b as to_value,
    first_message_id, first_seen_at, last_seen_at, observations
from fct_identity_links
union all
select
    id_type_b, id_value_b, id_type_a, id_value_a,
    first_message_id, first_seen_at, last_seen_at, observations
from fct_identity_links
"""

LINKS_WITHOUT_HUBS = """
create temp view links_without_hubs as
with hubs as (select id_type, id_value from dim_identifiers where is_blocked)
select directed_links.*
from directed_links
anti join hubs as begins
    on directed_links.from_type = begins.id_type and directed_links.from_value = begins.id_value
anti join hubs as ends
    on directed_links.to_type = ends.id_type and directed_links.to_value = ends.id_value
"""

LINKS_OF_PERSONS = """
create or replace temp table links_of_persons as
with members as (
    select id_type, id_value from dim_identifiers where person_id in (select unnest(?)) group by all
)
select directed_links.*
from directed_links
semi join members as begins
    on directed_links.from_type = begins.id_type and directed_links.from_value = begins.id_value
semi join members as ends
    on directed_links.to_type = ends.id_type and directed_links.to_value = ends.id_value
"""

LINKS = """
select
    from_type, from_value, to_type, to_value, first_message_id, first_seen_at, last_seen_at,
    observations
from {links}
where {condition}
order by first_seen_at, first_message_id, from_type, from_value, to_type, to_value
limit {limit}
"""

# Those that stood on a message with both, or are one of the two.
HUBS_BETWEEN = """
with near_a as (
    select to_type, to_value from directed_links where from_type = $type_a and from_value = $value_a
    union
    select $type_a, $value_a
),
near_b as (
    select to_type, to_value from directed_links where from_type = $type_b and from_value = $value_b
    union
    select $type_b, $value_b
),
near_both as (select * from near_a intersect select * from near_b)
select dim_identifiers.id_type, dim_identifiers.id_value
from near_both
inner join dim_identifiers
    on near_both.to_type = dim_identifiers.id_type
    and near_both.to_value = dim_identifiers.id_value
where dim_identifiers.is_blocked
order by all
"""


@dataclass(frozen=True, slots=True)
class Link:
    """Two identifiers that stood on one message, in the direction a chain goes."""

    begin: Identifier
    end: Identifier
    first_message_id: str
    first_seen_at: datetime
    last_seen_at: datetime
    observations: int

    @property
    def message_id(self) -> str:
        """The first message that carried both."""
        return self.first_message_id

    @property
    def at(self) -> datetime:
        """When both were first seen together."""
        return self.first_seen_at

    @property
    def means(self) -> str:
        """What such a message is: a login, an alias, or only two identifiers seen together."""
        if self.begin.is_strong != self.end.is_strong:
            return "login"
        return "alias" if self.begin.id_type == self.end.id_type == "user_id" else "together"


@dataclass(frozen=True, slots=True)
class Place:
    """The landed file and the row in it where a message stands."""

    file: str
    row_number: int


def direct_links(con: duckdb.DuckDBPyConnection) -> None:
    """Let every link be read in both directions."""
    con.execute(DIRECTED_LINKS)
    con.execute(LINKS_WITHOUT_HUBS)


def keep_links_of(con: duckdb.DuckDBPyConnection, person_ids: list[str]) -> None:
    """Keep the links among the identifiers of these persons in `links_of_persons`."""
    con.execute(LINKS_OF_PERSONS, [person_ids])


def logins(con: duckdb.DuckDBPyConnection, limit: int | None) -> list[Link]:
    """Return the logins of the persons whose links are kept, the first on each device."""
    condition = "from_type in ('user_id', 'email') and to_type not in ('user_id', 'email')"
    query = LINKS.format(links="links_of_persons", condition=condition, limit=limit or "all")
    return links_of_rows(con.execute(query).fetchall())


def links_of(
    con: duckdb.DuckDBPyConnection, identifier: Identifier, limit: int | None
) -> list[Link]:
    """Return what an identifier stood on a message with."""
    condition = "from_type = ? and from_value = ?"
    query = LINKS.format(links="directed_links", condition=condition, limit=limit or "all")
    return links_of_rows(con.execute(query, [identifier.id_type, identifier.id_value]).fetchall())


def hubs_between(con: duckdb.DuckDBPyConnection, a: Identifier, b: Identifier) -> list[Identifier]:
    """Return the hubs that stood on a message with both, or are one of them."""
    named = {"type_a": a.id_type, "value_a": a.id_value, "type_b": b.id_type, "value_b": b.id_value}
    return [Identifier(*row) for row in con.execute(HUBS_BETWEEN, named).fetchall()]


def find_places(
    con: duckdb.DuckDBPyConnection, message_ids: Iterable[str]
) -> dict[str, Place] | None:
    """Return where messages were landed; None where the publication has no events to read."""
    try:
        rows = con.execute(
            "select message_id, file, row_number from fct_events"
            " where message_id in (select unnest(?::varchar[]))",
            [list(message_ids)],
        ).fetchall()
    except (duckdb.CatalogException, duckdb.IOException):
        return None
    return {message_id: Place(file, row_number) for message_id, file, row_number in rows}


def links_of_rows(
    rows: list[tuple[str, str, str, str, str, datetime, datetime, int]],
) -> list[Link]:
    """Return rows of two identifiers and their evidence as links."""
    return [Link(Identifier(*row[:2]), Identifier(*row[2:4]), *row[4:]) for row in rows]
