"""An explanation as JSON, one object a line: person, identifier, link, merge, exposure, conversion.

Lists are cut as on the terminal; the counts of the person tell how much there is.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
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
        head = asdict(person.head)
        yield {"kind": "person", **head, "merge_count": person.merge_count}
    for owner in found.all_owners:
        facts = asdict(owner)
        yield {"kind": "identifier", **facts.pop("identifier"), **facts}
    for link in found.links:
        facts = asdict(link)
        del facts["begin"], facts["end"]
        pair = _pair(link.begin, link.end)
        yield {"kind": "link", **pair, **facts, **_place(link.message_id, places)}
    for merge in found.merges:
        facts = asdict(merge)
        del facts["a"], facts["b"]
        pair = _pair(merge.a, merge.b)
        yield {"kind": "merge", **facts, **pair, **_place(merge.message_id, places)}
    for person in found.persons:
        for event in person.timeline:
            if not isinstance(event, Link):
                kind = "exposure" if isinstance(event, Exposure) else "conversion"
                yield {"kind": kind, "person_id": person.head.person_id, **asdict(event)}


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
