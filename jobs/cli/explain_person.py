"""Why identifiers are one person. No identifier is cut or wrapped, so that it can be copied."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from jobs.explain.explanation import Explanation, Hub, Tie
from jobs.explain.identifiers import Identifier, Ownership
from jobs.explain.links import Link, Place
from jobs.explain.merges import Merge
from jobs.explain.person import Head, OwnedIdentifier, Person
from jobs.explain.timeline import Conversion, Event, Exposure
from jobs.words import count_of, interval, printable, written

Places = dict[str, Place]


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces that are never broken: one that does not fit beside the others starts a new line."""

    depth: int
    pieces: list[str | tuple[str, str] | Text]

    def packed(self, width: int) -> Iterator[Text]:
        """Return as few lines as hold the pieces; later lines are indented further."""
        line = Text("  " * self.depth)
        gap = ""
        for piece in self.pieces:
            text = Text.assemble(piece)
            if gap and line.cell_len + len(gap) + text.cell_len > width:
                yield line
                line, gap = Text("  " * (self.depth + 2)), ""
            line.append(gap).append_text(text)
            gap = "  "
        yield line


Lines = Iterator[Line]


def print_explanation(console: Console, found: Explanation) -> None:
    """Print which persons own the identifier and why."""
    lines = [text for line in _lines(found) for text in line.packed(console.width)]
    console.print(*lines, sep="\n", soft_wrap=True)


def _lines(found: Explanation) -> Lines:
    places = found.places or {}
    for merge in found.absorbed:
        yield from _merge(merge, places, 0)
    for hub in found.hubs:
        yield from _hub(hub, places)
    if found.tie:
        yield from _tie(found.tie, places)
    elif found.person_count > 1:
        yield from _owners(found.owners)
    for person in found.persons:
        yield Line(0, [""])
        yield from _person(person, places)
    yield from _more(found.person_count - len(found.persons), "person", 0)
    if found.places is None:
        yield Line(0, [("Files are not named: the publication has no events.", "dim")])


def _hub(hub: Hub, places: Places) -> Lines:
    links = count_of(hub.owner.link_count, "other")
    yield Line(0, [(f"{_name(hub.owner.identifier)} belongs to nobody", "bold")])
    yield Line(1, [f"a hub: linked to {links}, more of one type than identity.max_links allows"])
    yield Line(0, [("Identifiers that share a message with it", "bold")])
    for link in hub.links:
        yield Line(1, [_name(link.end)])
        yield _evidence(link, places, 2, "together")
    yield from _more(hub.owner.link_count - len(hub.links), "other", 1)


def _tie(tie: Tie, places: Places) -> Lines:
    both = f"{_name(tie.a)} and {_name(tie.b)}"
    if tie.person_ids:
        names = [printable(name) for name in tie.person_ids]
        said = "are one person" if len(names) == 1 else "belonged to the same persons"
        yield Line(0, [(f"{both} {said}", "bold green"), *names])
    else:
        yield Line(0, [(f"{both} are not one person", "bold red")])
        yield Line(1, [_why_not(tie)])
    for link in tie.chain:
        yield Line(1, [_name(link.begin), f"-> {_name(link.end)}"])
        yield _evidence(link, places, 2)
    yield from _owners(_shared(tie.owners))


def _why_not(tie: Tie) -> str:
    if tie.chain:
        return "messages connect them, but a device does not merge two users:"
    if tie.hubs:
        names = ", ".join(_name(hub) for hub in tie.hubs)
        return f"only a hub connects them, and a hub merges nobody: {names}"
    return "no chain of links connects them"


def _owners(owners: Iterable[Ownership]) -> Lines:
    owned: dict[Identifier, list[Ownership]] = {}
    for owner in owners:
        owned.setdefault(owner.identifier, []).append(owner)
    for identifier, intervals in owned.items():
        persons = {owner.person_id for owner in intervals if owner.person_id is not None}
        whose = count_of(len(persons), "person") if persons else "nobody"
        yield Line(0, [(f"{_name(identifier)} belonged to {whose}", "bold")])
        for owner in intervals:
            if owner.person_id is not None:
                owned_when = interval(owner.owned_from, owner.owned_to)
                yield Line(1, [printable(owner.person_id), owned_when])


def _shared(owners: list[Ownership]) -> list[Ownership]:
    """Return the owners of the identifiers that belonged to several persons."""
    persons: dict[Identifier, set[str | None]] = {}
    for owner in owners:
        persons.setdefault(owner.identifier, set()).add(owner.person_id)
    return [owner for owner in owners if len(persons[owner.identifier]) > 1]


def _person(person: Person, places: Places) -> Lines:
    head = person.head
    yield from _head(head)
    yield Line(0, [("Why these are one person: each identifier below one it is linked to", "bold")])
    yield from _tree(person.identifiers, places)
    yield from _more(head.identifier_count - len(person.identifiers), "identifier", 1)
    yield Line(0, [("Merges over time", "bold")])
    for merge in person.merges:
        yield from _merge(merge, places, 1)
    yield from _none_or_more(person.merge_count, person.merge_count - len(person.merges), "merge")
    yield Line(0, [("Exposures, conversions and first logins", "bold")])
    for event in person.timeline:
        yield _event(event)
    yield from _none_or_more(head.event_count, head.event_count - len(person.timeline), "line")


def _head(head: Head) -> Lines:
    known = "identified" if head.is_identified else "anonymous"
    yield Line(0, [(f"Person {printable(head.person_id)}", "bold underline")])
    yield Line(1, [known, f"email {printable(head.email)}" if head.email else "no email"])
    if head.first_seen_at:
        first, last = written(head.first_seen_at), written(head.last_seen_at)
        yield Line(1, [f"first seen {first}", f"last seen {last} (UTC)"])
    else:
        yield Line(1, ["never seen: only Engage knows this person"])
    counts = [
        count_of(head.user_id_count, "user_id"),
        count_of(head.anonymous_id_count, "anonymous_id"),
        f"{count_of(head.identifier_count, 'identifier')} in all",
        count_of(head.exposure_count, "exposure"),
        count_of(head.conversion_count, "conversion"),
    ]
    yield Line(1, [", ".join(counts)])


def _tree(identifiers: list[OwnedIdentifier], places: Places) -> Lines:
    tied: dict[Identifier | None, list[OwnedIdentifier]] = {}
    for owned in identifiers:
        tied.setdefault(owned.link.begin if owned.link else None, []).append(owned)
    waiting = [(owned, 1) for owned in reversed(tied.get(None, []))]
    while waiting:
        owned, depth = waiting.pop()
        intervals = [interval(owner.owned_from, owner.owned_to) for owner in owned.owners]
        yield Line(depth, [(_name(owned.identifier), "cyan"), ", and ".join(intervals)])
        if owned.link:
            yield _evidence(owned.link, places, depth + 1)
        below = reversed(tied.get(owned.identifier, []))
        waiting += [(each, depth + 1) for each in below]


def _merge(merge: Merge, places: Places, depth: int) -> Lines:
    absorbed, person = printable(merge.absorbed_person_id), printable(merge.person_id)
    yield Line(depth, [written(merge.occurred_at), f"{person} absorbed {absorbed}"])
    both = (f"by {_name(merge.a)} and {_name(merge.b)}", "dim")
    yield Line(depth + 1, [both, *_message(merge.message_id, places)])


def _evidence(link: Link, places: Places, depth: int, means: str | None = None) -> Line:
    first = (f"{means or link.means} {written(link.first_seen_at)}", "dim")
    again = (f"{link.observations:,} messages until {written(link.last_seen_at)}", "dim")
    pieces = [first, *_message(link.message_id, places)]
    return Line(depth, [*pieces, again] if link.observations > 1 else [*pieces])


def _message(message_id: str, places: Places) -> list[tuple[str, str]]:
    said = [(f"message {printable(message_id)}", "dim")]
    if place := places.get(message_id):
        said.append((f"{printable(place.file)}, row {place.row_number:,}", "dim"))
    return said


def _event(event: Event) -> Line:
    kind, style, detail = _detail(event)
    message = (f"message {printable(event.message_id)}", "dim")
    return Line(
        1,
        [
            Text.assemble(f"{written(event.at):<23}  ", (f"{kind:<10}", style)),
            printable(detail),
            message,
        ],
    )


def _detail(event: Event) -> tuple[str, str, str]:
    if isinstance(event, Exposure):
        where = [event.vendor, event.experience, event.audience_segment]
        arm = "" if event.arm == event.variant else f" ({event.arm})"
        return "exposure", "cyan", f"{' / '.join(filter(None, where))}: {event.variant}{arm}"
    if isinstance(event, Conversion):
        value = "" if event.value is None else f" {event.value.normalize():,f}"
        currency = f" {event.currency}" if event.currency else ""
        return "conversion", "bold green", f"{event.conversion}{value}{currency}"
    return "login", "magenta", f"{event.begin} on {event.end}"


def _name(identifier: Identifier) -> str:
    return printable(str(identifier))


def _none_or_more(count: int, left: int, noun: str) -> Lines:
    if not count:
        yield Line(1, [("none", "dim")])
    yield from _more(left, noun, 1)


def _more(count: int, noun: str, depth: int) -> Lines:
    if count > 0:
        yield Line(depth, [(f"and {count_of(count, f'more {noun}')}: --all shows them", "dim")])
