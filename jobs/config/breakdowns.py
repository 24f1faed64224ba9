"""What lift is broken down by: a field, a trait, membership of a segment, new or returning."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator

from ingest.layouts.snake_case import snake_case
from jobs.config.messages import shown
from jobs.fql import MessagePath, compile_path

NEW_OR_RETURNING = "new_or_returning"
_SEGMENT = "segment:"


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A breakdown as written: a `path`, a `segment`, or neither for new or returning.

    A path in `traits` is the person's trait, any other a field of the exposure message.
    """

    text: str
    path: MessagePath | None = None
    segment: str | None = None

    @property
    def column(self) -> str:
        """Return what its column in the cube is called."""
        return snake_case(self.text)

    @property
    def trait(self) -> tuple[str, ...] | None:
        """Return the trait and the keys inside it, if it is one."""
        is_trait = self.path is not None and self.path.field.root == "traits"
        return self.path.field.keys if self.path is not None and is_trait else None


def _breakdown(value: object) -> Breakdown:
    if isinstance(value, Breakdown):
        return value
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is no breakdown; write a path or segment:NAME")
    if value == NEW_OR_RETURNING:
        return Breakdown(value)
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
