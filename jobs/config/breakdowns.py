"""What lift is broken down by: a field, a trait, membership of a segment, new or returning."""

from dataclasses import dataclass
from typing import Annotated

from ingest.layouts.snake_case import snake_case
from jobs.config.values import AS_WRITTEN, parsed, written_as
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
        """Return the name of its column in the cube."""
        return snake_case(self.text)

    @property
    def trait(self) -> tuple[str, ...] | None:
        """Return the trait and the keys inside it, if it is one."""
        is_trait = self.path is not None and self.path.field.root == "traits"
        return self.path.field.keys if self.path is not None and is_trait else None


def _breakdown(text: str) -> Breakdown:
    if text == NEW_OR_RETURNING:
        return Breakdown(text)
    if not text.startswith(_SEGMENT):
        return Breakdown(text, path=compile_path(text))
    if not text.removeprefix(_SEGMENT).strip():
        raise ValueError("names no segment; write segment:NAME")
    return Breakdown(text, segment=text.removeprefix(_SEGMENT))


BreakdownText = Annotated[
    Breakdown,
    parsed(Breakdown, "a path or segment:NAME", _breakdown),
    AS_WRITTEN,
    written_as("path, segment:NAME or new_or_returning"),
]
