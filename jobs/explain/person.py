"""One person as the publication has it: its identifiers and the chains that tie them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from jobs.explain.chains import walk
from jobs.explain.identifiers import Identifier, Ownership
from jobs.explain.links import Link, keep_links_of
from jobs.explain.merges import Merge, merges_into
from jobs.explain.timeline import Event, read_timeline
from jobs.sql_files import read_sql

IDENTIFIERS_SHOWN = 20
EVENTS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Head:
    """A person in one line, with how much there is to say of it."""

    person_id: str
    is_identified: bool
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    email: str | None
    identifier_count: int
    user_id_count: int
    anonymous_id_count: int
    exposure_count: int
    conversion_count: int
    login_count: int

    @property
    def event_count(self) -> int:
        """How long the whole timeline is."""
        return self.exposure_count + self.conversion_count + self.login_count


@dataclass(frozen=True, slots=True)
class OwnedIdentifier:
    """An identifier, when it was the person's, and the last link of the chain that ties it."""

    identifier: Identifier
    owners: list[Ownership]
    link: Link | None


@dataclass(frozen=True, slots=True)
class Person:
    """What is shown of a person; lists are cut unless everything was asked for."""

    head: Head
    identifiers: list[OwnedIdentifier]
    merges: list[Merge]
    merge_count: int
    timeline: list[Event]

    @property
    def links(self) -> list[Link]:
        """The links shown, each once: those of the chains, then the logins."""
        ties = [owned.link for owned in self.identifiers if owned.link]
        logins = [event for event in self.timeline if isinstance(event, Link)]
        return list(dict.fromkeys([*ties, *logins]))


def read_person(con: duckdb.DuckDBPyConnection, person_id: str, everything: bool) -> Person:
    """Return a person, each identifier with the chain from the one the person is named after."""
    identifiers_shown = None if everything else IDENTIFIERS_SHOWN
    keep_links_of(con, [person_id])
    return Person(
        Head(*con.execute(read_sql(__file__, "person"), [person_id]).fetchall()[0]),
        _identifiers(con, person_id, identifiers_shown),
        *merges_into(con, person_id, identifiers_shown),
        read_timeline(con, person_id, None if everything else EVENTS_SHOWN),
    )


def _identifiers(
    con: duckdb.DuckDBPyConnection, person_id: str, limit: int | None
) -> list[OwnedIdentifier]:
    for met_strong in walk(con, Identifier.naming(person_id)):
        reached = con.execute("select count(*) from reached").fetchall()[0][0]
        if limit and reached >= limit and not met_strong:
            break
    rows = con.execute(
        read_sql(__file__, "identifiers").format(limit=limit or "all"), [person_id]
    ).fetchall()
    return [_owned_identifier(person_id, *row) for row in rows]


def _owned_identifier(
    person_id: str,
    id_type: str,
    id_value: str,
    link_count: int,
    intervals: list[list[datetime | None]],
    from_type: str | None,
    from_value: str | None,
    *evidence: Any,
) -> OwnedIdentifier:
    identifier = Identifier(id_type, id_value)
    return OwnedIdentifier(
        identifier,
        [
            Ownership(identifier, person_id, begins, ends, link_count, False)
            for begins, ends in intervals
        ],
        Link(Identifier(from_type, from_value), identifier, *evidence)
        if from_type is not None and from_value is not None
        else None,
    )
