"""Links of identifiers, and where the messages that are their evidence were landed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import duckdb

from jobs.explain.identifiers import Identifier
from jobs.sql_files import read_sql


@dataclass(frozen=True, slots=True)
class Link:
    """Two identifiers of one message, in the direction a chain goes."""

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
    """The landed file and the row in it that hold a message."""

    file: str
    row_number: int


def direct_links(con: duckdb.DuckDBPyConnection) -> None:
    """Let every link be read in both directions."""
    con.execute(read_sql(__file__, "directed_links"))
    con.execute(read_sql(__file__, "links_without_hubs"))


def keep_links_of(con: duckdb.DuckDBPyConnection, person_ids: list[str]) -> None:
    """Keep the links among the identifiers of these persons in `links_of_persons`."""
    con.execute(read_sql(__file__, "links_of_persons"), [person_ids])


def logins(con: duckdb.DuckDBPyConnection, limit: int | None) -> list[Link]:
    """Return the logins of the persons whose links are kept, the first on each device."""
    condition = "from_type in ('user_id', 'email') and to_type not in ('user_id', 'email')"
    query = read_sql(__file__, "links").format(
        links="links_of_persons", condition=condition, limit=limit or "all"
    )
    return links_of_rows(con.execute(query).fetchall())


def links_of(
    con: duckdb.DuckDBPyConnection, identifier: Identifier, limit: int | None
) -> list[Link]:
    """Return the identifiers that share a message with this one."""
    condition = "from_type = ? and from_value = ?"
    query = read_sql(__file__, "links").format(
        links="directed_links", condition=condition, limit=limit or "all"
    )
    return links_of_rows(con.execute(query, [identifier.id_type, identifier.id_value]).fetchall())


def hubs_between(con: duckdb.DuckDBPyConnection, a: Identifier, b: Identifier) -> list[Identifier]:
    """Return the hubs that share a message with both, or are one of them."""
    named = {"type_a": a.id_type, "value_a": a.id_value, "type_b": b.id_type, "value_b": b.id_value}
    return [
        Identifier(*row)
        for row in con.execute(read_sql(__file__, "hubs_between"), named).fetchall()
    ]


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
