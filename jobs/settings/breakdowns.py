"""What lift is broken down by: a field of the exposure message, or membership of a segment."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator

from jobs.fql import MessagePath, compile_path
from jobs.settings.messages import shown

_SEGMENT = "segment:"


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A breakdown as written; exactly one of `path` and `segment` is set."""

    text: str
    path: MessagePath | None = None
    segment: str | None = None


def _breakdown(value: object) -> Breakdown:
    if isinstance(value, Breakdown):
        return value
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is no breakdown; write a path or segment:NAME")
    if not value.startswith(_SEGMENT):
        return Breakdown(value, path=compile_path(value))
    if not value.removeprefix(_SEGMENT).strip():
        raise ValueError("segment: names no segment; write segment:NAME")
    return Breakdown(value, segment=value.removeprefix(_SEGMENT))


BreakdownText = Annotated[
    Breakdown,
    PlainValidator(_breakdown),
    PlainSerializer(lambda breakdown: breakdown.text, return_type=str),
]
