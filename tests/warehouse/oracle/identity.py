"""Who is who: identifiers, links, hubs, persons that are strong, devices that are weak."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Generic, NamedTuple, TypeVar

from tests.warehouse.oracle.messages import Message
from tests.warehouse.oracle.settings import OracleSettings
from tests.warehouse.oracle.values import scalar_text

USER = "user_id"
EMAIL = "email"
ANONYMOUS = "anonymous_id"
MUTINY = "mutiny_visitor_id"
STRONG = (USER, EMAIL)

Node = TypeVar("Node", bound=Hashable)


class Identifier(NamedTuple):
    """Type and value, compared exactly."""

    id_type: str
    id_value: str

    @property
    def is_strong(self) -> bool:
        return self.id_type in STRONG


class UnionFind(Generic[Node]):
    """Sets of nodes that stand for one thing."""

    def __init__(self) -> None:
        self._parent: dict[Node, Node] = {}

    def find(self, node: Node) -> Node:
        """The representative of a node's set; an unseen node is a set of its own."""
        self._parent.setdefault(node, node)
        while self._parent[node] != node:
            node = self._parent[node]
        return node

    def union(self, nodes: Iterable[Node]) -> None:
        """Make one set of the sets of all nodes."""
        roots = [self.find(node) for node in nodes]
        for root in roots[1:]:
            self._parent[self.find(root)] = self.find(roots[0])

    def sets(self) -> list[set[Node]]:
        """All sets."""
        members: defaultdict[Node, set[Node]] = defaultdict(set)
        for node in self._parent:
            members[self.find(node)].add(node)
        return list(members.values())


@dataclass(frozen=True)
class Link:
    """Two identifiers that stood on one message, in the order of type and value."""

    a: Identifier
    b: Identifier
    first_message: Message
    last_message: Message
    observations: int


class Identity:
    """Identifiers of all messages, and what follows from the behaviour among them."""

    def __init__(self, messages: Iterable[Message], settings: OracleSettings) -> None:
        self.settings = settings
        self.messages = sorted(messages, key=lambda message: message.order)
        self.behaviour = [message for message in self.messages if message.is_behaviour]
        self._anonymous_values = {message.anonymous_id for message in self.behaviour}
        self._user_values = {message.user_id for message in self.behaviour}
        self._carried: dict[str, list[Identifier]] = {}
        self._blocked: dict[str, bool] = {}
        self.first_seen = self._first_seen()
        self.links = self._links()
        self.hubs = self._hubs()
        self.strong_sets: UnionFind[Identifier] = UnionFind()
        self.devices: UnionFind[Identifier] = UnionFind()
        for message in self.behaviour:
            identifiers = self.usable(message)
            self.strong_sets.union(one for one in identifiers if one.is_strong)
            self.devices.union(one for one in identifiers if not one.is_strong)

    def is_blocked_value(self, value: str) -> bool:
        """Whether a blocked expression matches the whole value, trimmed and lower-cased."""
        if value not in self._blocked:
            shown = value.strip().lower()
            self._blocked[value] = any(
                re.fullmatch(pattern, shown) for pattern in self.settings.blocked
            )
        return self._blocked[value]

    def carried(self, message: Message) -> list[Identifier]:
        """The identifiers on a message without blocked values, those that name it first."""
        if message.message_id not in self._carried:
            self._carried[message.message_id] = self._read(message)
        return self._carried[message.message_id]

    def _read(self, message: Message) -> list[Identifier]:
        found: list[Identifier] = []

        def add(id_type: str, value: str | None) -> None:
            if value is None or value == "" or self.is_blocked_value(value):
                return
            if Identifier(id_type, value) not in found:
                found.append(Identifier(id_type, value))

        add(USER, message.user_id)
        has_user = bool(found)
        previous_type = self._previous_type(message)
        # An alias without userId is no alias.
        if previous_type == USER and has_user:
            add(USER, message.previous_id)
        is_identify = message.type == "identify"
        if self.settings.merge_on_email and is_identify:
            email = scalar_text(message.traits.get("email"))
            add(EMAIL, None if email is None else email.strip().lower())
        add(ANONYMOUS, message.anonymous_id)
        if previous_type == ANONYMOUS and has_user:
            add(ANONYMOUS, message.previous_id)
        if is_identify:
            add(MUTINY, scalar_text(message.traits.get("mutinyVisitorId")))
        return found

    def _previous_type(self, message: Message) -> str | None:
        """What an alias's previousId is, None when it says nothing."""
        if message.type != "alias" or not self.settings.merge_on_alias:
            return None
        value = message.previous_id
        if value is None:
            return None
        is_anonymous = value in self._anonymous_values and value not in self._user_values
        return ANONYMOUS if is_anonymous else USER

    def usable(self, message: Message) -> list[Identifier]:
        """The identifiers on a message that are neither blocked values nor hubs."""
        return [one for one in self.carried(message) if one not in self.hubs]

    def _first_seen(self) -> dict[Identifier, Message]:
        """The first behaviour message that carries each identifier."""
        seen: dict[Identifier, Message] = {}
        for message in self.behaviour:
            for identifier in self.carried(message):
                seen.setdefault(identifier, message)
        return seen

    def _links(self) -> list[Link]:
        observed: defaultdict[tuple[Identifier, Identifier], list[Message]] = defaultdict(list)
        for message in self.behaviour:
            for a, b in combinations(sorted(self.carried(message)), 2):
                observed[a, b].append(message)
        return [
            Link(
                a=a,
                b=b,
                first_message=together[0],
                last_message=together[-1],
                observations=len(together),
            )
            for (a, b), together in sorted(observed.items())
        ]

    def _hubs(self) -> set[Identifier]:
        """Weak identifiers and emails with too many neighbours of one type, counted once."""
        neighbours: defaultdict[tuple[Identifier, str], set[Identifier]] = defaultdict(set)
        for link in self.links:
            neighbours[link.a, link.b.id_type].add(link.b)
            neighbours[link.b, link.a.id_type].add(link.a)
        return {
            identifier
            for (identifier, _), others in neighbours.items()
            if identifier.id_type != USER and len(others) > self.settings.max_links
        }

    def seen_order(self, identifier: Identifier) -> tuple[tuple[datetime, datetime, str], str, str]:
        """Earliest seen first, ties by type, then value."""
        return (self.first_seen[identifier].order, *identifier)
