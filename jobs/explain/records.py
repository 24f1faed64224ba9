"""An explanation as JSON, one object a line: person, identifier, link, merge, exposure, conversion.

Lists are cut as on the terminal; the counts of the person tell how much there is.
"""

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from jobs.explain.explanation import Explanation
from jobs.explain.identifiers import Identifier
from jobs.explain.links import Link, Place
from jobs.explain.timeline import Exposure

Record = dict[str, Any]


def json_lines(found: Explanation) -> Iterator[str]:
    """Return every fact of an explanation as one line of JSON."""
    for record in _records(found):
        yield json.dumps(record, default=_plain)


def _records(found: Explanation) -> Iterator[Record]:
    places = found.places or {}
    for person in found.persons:
        yield {"kind": "person", **_facts(person.head), "merge_count": person.merge_count}
    for owner in found.all_owners:
        facts = _facts(owner)
        yield {"kind": "identifier", **_facts(facts.pop("identifier")), **facts}
    for link in found.links:
        facts = _facts(link)
        pair = _pair(facts.pop("begin"), facts.pop("end"))
        yield {"kind": "link", **pair, **facts, **_place(link.message_id, places)}
    for merge in found.merges:
        facts = _facts(merge)
        pair = _pair(facts.pop("a"), facts.pop("b"))
        yield {"kind": "merge", **facts, **pair, **_place(merge.message_id, places)}
    for person in found.persons:
        for event in person.timeline:
            if not isinstance(event, Link):
                kind = "exposure" if isinstance(event, Exposure) else "conversion"
                yield {"kind": kind, "person_id": person.head.person_id, **_facts(event)}


def _facts(thing: Any) -> Record:
    return {field.name: getattr(thing, field.name) for field in fields(thing)}


def _pair(a: Identifier, b: Identifier) -> Record:
    return {
        "id_type_a": a.id_type,
        "id_value_a": a.id_value,
        "id_type_b": b.id_type,
        "id_value_b": b.id_value,
    }


def _place(message_id: str, places: dict[str, Place]) -> Record:
    place = places.get(message_id)
    return {"file": place and place.file, "row_number": place and place.row_number}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
