"""The sources whose messages land, and how people are identified in them."""

from typing import Annotated, Literal

from pydantic import Field

from jobs.config.base import Part
from jobs.config.values import Count, Name, Regex

DestinationName = Literal["mutiny", "mixpanel", "abmatic", "split"]
DESTINATION_NAMES: tuple[DestinationName, ...] = ("mutiny", "mixpanel", "abmatic", "split")

SourceKind = Literal["website", "product", "server", "engage", "flags"]

_DEFAULT_BLOCKED = ("[0-]*", "-1", "null", "undefined", "anonymous")


class SourceSettings(Part):
    """A Segment source.

    `id` defaults to the key. Without `destinations` the source is connected to every destination,
    with an empty list to none. Only exposures of the Split environment `environment` count.
    """

    id: Name | None = None
    kind: SourceKind = "website"
    environment: Name | None = None
    region: Literal["us", "eu"] | None = None
    destinations: tuple[DestinationName, ...] | None = None


class IdentitySettings(Part):
    """Which identifiers name the same person.

    `blocked` holds regular expressions over whole values; a person or device with more identifiers
    than `large_component` is a finding.
    """

    merge_on_alias: bool = True
    merge_on_email: bool = False
    max_links: Count = 100
    large_component: Count = 200
    blocked: Annotated[tuple[Regex, ...], Field(validate_default=False)] = _DEFAULT_BLOCKED
