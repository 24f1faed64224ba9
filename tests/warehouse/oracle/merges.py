"""Which persons became part of others, and by which link: of two joined, the elder stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.warehouse.oracle.identity import EMAIL, Identifier, Identity, Link, UnionFind
from tests.warehouse.oracle.persons import Persons


class Login(NamedTuple):
    """What a link of a weak and a strong identifier joins the weak one with."""

    a: Identifier
    b: Identifier


Node = Identifier | Login


@dataclass(frozen=True)
class Merge:
    """The person named after `absorbed` ended with a link and is part of another ever since."""

    absorbed: Identifier
    person_id: str
    link: Link


def merges(identity: Identity, persons: Persons) -> list[Merge]:
    """One merge per identifier that was a person before a link joined it to an elder one.

    Links act in the order of their first messages. Strong identifiers join each other and so do
    weak ones; a login joins no two devices, but whatever it touches is no longer anonymous: it is
    elder than every weak identifier. An identifier born on the message that joins it was nobody.
    """
    sets: UnionFind[Node] = UnionFind()
    elders: dict[Node, Node] = {}

    def seniority(node: Node) -> tuple[Any, ...]:
        if isinstance(node, Login):
            return (0,)
        return (1, node.id_type == EMAIL, identity.seen_order(node))

    found: list[Merge] = []
    for link in sorted(identity.links, key=lambda link: (link.first_message.order, link.a, link.b)):
        if link.a in identity.hubs or link.b in identity.hubs:
            continue
        roots = {sets.find(end) for end in _ends(link)}
        if len(roots) == 1:
            continue
        elder, younger = sorted((elders.get(root, root) for root in roots), key=seniority)
        sets.union(roots)
        elders[sets.find(elder)] = elder
        if isinstance(younger, Login) or identity.first_seen[younger] is link.first_message:
            continue
        born_at = identity.first_seen[younger].occurred_at
        [owner] = [one for one in persons.intervals[younger] if one.holds(born_at)]
        found.append(Merge(younger, owner.person_id, link))
    return found


def _ends(link: Link) -> tuple[Node, Node]:
    """What a link joins: its identifiers, or the weak one of them and a login of its own."""
    if link.a.is_strong == link.b.is_strong:
        return link.a, link.b
    return (link.b if link.a.is_strong else link.a), Login(link.a, link.b)
