"""An explanation as records for `--log-format json`; `kind` says what a record is.

Kinds of a person: person, identifier, link, merge, exposure, conversion. Lists are as long as on
the terminal, and the counts of the person give the full length. Kinds of an experience: landing,
experience, incomplete, variant, outcome, counted, figure.
"""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from jobs.explain.experience import Result
from jobs.explain.explanation import Explanation
from jobs.explain.identifiers import Identifier
from jobs.explain.links import Link, Place
from jobs.explain.timeline import Exposure

Record = dict[str, Any]


def person_records(found: Explanation) -> Iterator[Record]:
    """Return every fact of an explanation."""
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


def result_records(found: Result) -> Iterator[Record]:
    """Return every step from the landed messages to a result."""
    yield {"kind": "landing", **_facts(found.landing), "is_changed": found.is_changed}
    for study in found.studies:
        of = study.grain.named()
        unit_type = ", ".join(study.unit_types)
        facts = {
            "unit_type": unit_type, **_facts(study.views), "srm_p_value": study.srm_p_value
        }  # fmt: skip
        yield {"kind": "experience", **of, **facts}
        for reason, count in study.incomplete.items():
            yield {"kind": "incomplete", "vendor": of["vendor"], "reason": reason, "count": count}
        for variant in study.variants:
            yield {"kind": "variant", **of, **_facts(variant)}
        for conversion in study.conversions:
            named = {**of, "conversion": conversion.settings.name, "is_main": conversion.is_main}
            for outcome, count in conversion.outcomes.items():
                yield {"kind": "outcome", **named, "outcome": outcome, "count": count}
            for arm, count in conversion.counted.items():
                converters = conversion.converters[arm]
                counts = {"conversions": count, "converters": converters}
                yield {"kind": "counted", **named, "arm": arm, **counts}
            for figure in conversion.figures:
                yield {"kind": "figure", **named, **_facts(figure.row), "why": figure.why}


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
