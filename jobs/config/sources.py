"""The sources whose messages land, and how people are told apart in them."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from jobs.config.base import Part
from jobs.config.values import Count, Name, Regex

DestinationName = Literal["mutiny", "mixpanel", "abmatic", "split"]
DESTINATION_NAMES: tuple[DestinationName, ...] = ("mutiny", "mixpanel", "abmatic", "split")

SourceKind = Literal["website", "product", "server", "engage", "flags"]

_DEFAULT_BLOCKED = ("[0-]*", "-1", "null", "undefined", "anonymous")


def empty_if_none(value: Any) -> Any:
    """Read a key without a value (`flags:`) as one without settings."""
    return {} if value is None else value


class SourceSettings(Part):
    """A Segment source.

    `id` defaults to the key. Without `destinations` the source is connected to every destination,
    with an empty list to none. `environment` keeps the exposures of one Split environment.
    """

    id: Name | None = None
    kind: SourceKind = "website"
    environment: Name | None = None
    region: Literal["us", "eu"] | None = None
    destinations: tuple[DestinationName, ...] | None = None


SourceEntry = Annotated[SourceSettings, BeforeValidator(empty_if_none)]


class IdentitySettings(Part):
    """Which identifiers name the same person.

    `blocked` are expressions over whole values; a person or device of more identifiers than
    `large_component` is a finding.
    """

    merge_on_alias: bool = True
    merge_on_email: bool = False
    max_links: Count = 100
    large_component: Count = 200
    blocked: Annotated[tuple[Regex, ...], Field(validate_default=False)] = _DEFAULT_BLOCKED
