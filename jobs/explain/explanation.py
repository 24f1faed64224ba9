"""Why identifiers are one person, or are not: everything `lift explain person` shows."""

from dataclasses import dataclass, replace

import duckdb

from jobs.config import Settings
from jobs.explain.chains import chain_across, chain_within
from jobs.explain.identifiers import (
    Identifier,
    Ownership,
    UnknownIdentifierError,
    find_owners,
    owners_of,
    the_one_identifier,
    unknown_identifier,
)
from jobs.explain.links import Link, Place, direct_links, find_places, hubs_between, links_of
from jobs.explain.merges import Merge, merges_of
from jobs.explain.person import IDENTIFIERS_SHOWN, Person, read_person
from jobs.publication import read_publication
from jobs.words import printable

PERSONS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Hub:
    """A blocked identifier and those that share a message with it."""

    owner: Ownership
    links: list[Link]


@dataclass(frozen=True, slots=True)
class Tie:
    """Two identifiers, the persons that owned both, and the chain of links between them.

    `owners` are those of every identifier of the chain; `hubs` share messages with both and tie
    nobody.
    """

    a: Identifier
    b: Identifier
    person_ids: list[str]
    chain: list[Link]
    owners: list[Ownership]
    hubs: list[Identifier]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was found: the persons, or the hub that belongs to nobody.

    `places` says where messages were landed; None where the publication has no events.
    """

    owners: list[Ownership]
    absorbed: list[Merge]
    hubs: list[Hub]
    tie: Tie | None
    persons: list[Person]
    person_count: int
    places: dict[str, Place] | None = None

    @property
    def all_owners(self) -> list[Ownership]:
        """Return every interval of ownership that was met, each once."""
        tie = self.tie.owners if self.tie else []
        owned = [each for person in self.persons for each in person.identifiers]
        return list(
            dict.fromkeys([*self.owners, *tie, *(owner for each in owned for owner in each.owners)])
        )

    @property
    def links(self) -> list[Link]:
        """Return every link that was met, each once."""
        chain = self.tie.chain if self.tie else []
        hubs = [link for hub in self.hubs for link in hub.links]
        ties = [link for person in self.persons for link in person.links]
        return list(dict.fromkeys([*chain, *hubs, *ties]))

    @property
    def merges(self) -> list[Merge]:
        """Return every merge that was met, each once."""
        ends = [merge for person in self.persons for merge in person.merges]
        return list(dict.fromkeys([*self.absorbed, *ends]))


def explain_person(
    settings: Settings, text: str, other: str | None = None, everything: bool = False
) -> Explanation:
    """Return whose an identifier is and why, and what ties it to another one.

    Raises:
        UnknownIdentifierError: one of them is not an identifier of the publication.
    """
    with read_publication(settings) as con:
        direct_links(con)
        owners, absorbed = _resolve(con, settings, text)
        tie = None if other is None else _tie(con, settings, text, other)
        person_ids = list(dict.fromkeys(owner.person_id for owner in owners if owner.person_id))
        if tie and tie.person_ids:
            person_ids = tie.person_ids
        shown = person_ids if everything else person_ids[:PERSONS_SHOWN]
        persons = [read_person(con, person_id, everything) for person_id in shown]
        limit = None if everything else IDENTIFIERS_SHOWN
        hubs = [
            Hub(owner, links_of(con, owner.identifier, limit))
            for owner in owners
            if owner.is_blocked
        ]
        found = Explanation(owners, absorbed, hubs, tie, persons, len(person_ids))
        evidence = {link.message_id for link in found.links}
        evidence |= {merge.message_id for merge in found.merges}
        return replace(found, places=find_places(con, evidence))


def _resolve(
    con: duckdb.DuckDBPyConnection, settings: Settings, text: str
) -> tuple[list[Ownership], list[Merge]]:
    """Return the owners of what the text names, and the merges that ended a person of its name."""
    owners = find_owners(con, text)
    if not owners:
        absorbed = merges_of(con, text)
        for merge in reversed(absorbed):
            if owners := owners_of(con, Identifier.naming(merge.person_id)):
                return owners, absorbed
        raise unknown_identifier(con, settings, text)
    names = dict.fromkeys(str(owner.identifier) for owner in owners)
    living = {owner.person_id for owner in owners}
    return owners, [merge for name in names if name not in living for merge in merges_of(con, name)]


def _tie(con: duckdb.DuckDBPyConnection, settings: Settings, text: str, other: str) -> Tie:
    a = the_one_identifier(con, settings, text)
    b = the_one_identifier(con, settings, other)
    if a == b:
        raise UnknownIdentifierError(
            f"{printable(text)} and {printable(other)} are the same identifier; name another one."
        )
    owners_a, owners_b = ({owner.person_id for owner in owners_of(con, each)} for each in (a, b))
    common = sorted(person_id for person_id in owners_a & owners_b if person_id is not None)
    chain = chain_within(con, a, b, common) if common else chain_across(con, a, b)
    between = dict.fromkeys([a, *(link.end for link in chain)])
    return Tie(
        a,
        b,
        common,
        chain,
        [owner for identifier in between for owner in owners_of(con, identifier)],
        [] if chain else hubs_between(con, a, b),
    )
