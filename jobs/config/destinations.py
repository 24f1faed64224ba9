"""What is set up in Segment's destinations. This job never calls a vendor, so it holds no key."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator

from jobs.config.base import Part
from jobs.config.sources import DestinationName
from jobs.config.values import OR_ONE, MappedValue, Name, NameList, PathText, Template, TriggerText
from jobs.fql import compile_path

State = Literal["active", "inactive", "not_configured"]
ConversionIntegration = Literal["segment", "google_analytics", "none"]
IdentifierKind = Literal["user_id", "anonymous_id", "account"]

_TRAFFIC_TYPES: dict[Any, str] = {
    "user_id": "user",
    "anonymous_id": "anonymous",
    "account": "account",
}


def _traffic_types(value: Any) -> Any:
    """Read `user_id` and `[user_id, account]` as the mapping of their default traffic types."""
    listed = [value] if isinstance(value, str) else value
    if isinstance(listed, list | tuple) and all(isinstance(kind, str) for kind in listed):
        return {kind: _TRAFFIC_TYPES.get(kind, kind) for kind in listed}
    return value


def _reproduced(action: Any) -> Any:
    """Refuse the action that changes what Mixpanel holds by an amount: only Mixpanel knows it."""
    if action == "increment":
        raise ValueError(
            "cannot be increment: only Mixpanel knows the number that it adds to;"
            " remove the mapping"
        )
    return action


def _word_or(other: str) -> Discriminator:
    """Tell a keyword from the other form of a value, so that one mistake has one message."""
    return Discriminator(lambda value: "<word>" if isinstance(value, str) else other)


class DestinationSettings(Part):
    """What every destination has; without an entry it is active.

    With `enforce_region` it receives nothing from a source in another region.
    """

    state: State = "active"
    region: Literal["us", "eu", "in"] | None = None
    enforce_region: bool = False
    consent_categories: NameList = ()


class MutinySettings(DestinationSettings):
    """Mutiny."""


class AbmaticSettings(DestinationSettings):
    """Abmatic (in Segment: Markettailor), which counts conversions through one integration."""

    conversion_integration: Annotated[
        tuple[ConversionIntegration, ...],
        BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
        OR_ONE,
    ] = ("segment",)

    @field_validator("conversion_integration")
    @classmethod
    def _one_active(
        cls, value: tuple[ConversionIntegration, ...]
    ) -> tuple[ConversionIntegration, ...]:
        if {"segment", "google_analytics"} <= set(value):
            raise ValueError(
                "cannot have segment and google_analytics at once;"
                " deactivate google_analytics first"
            )
        return value


class SplitSettings(DestinationSettings):
    """Split.

    `unit` maps the identifiers of a message to traffic types: one event for each. `event_type_id`
    and `value` are paths in the message. `page_name` and `screen_name` name the events of named
    pages and screens; with null none is sent.
    """

    event_type_id: PathText = compile_path("event")
    value: PathText | None = None
    unit: Annotated[
        dict[IdentifierKind, Name],
        BeforeValidator(
            _traffic_types,
            json_schema_input_type=IdentifierKind
            | tuple[IdentifierKind, ...]
            | dict[IdentifierKind, Name],
        ),
    ] = _TRAFFIC_TYPES
    enable_identify: bool = True
    enable_track: bool = True
    page_name: Template | None = "view_{name}_page"
    screen_name: Template | None = "viewed_{name}_screen"
    coerce_numeric_strings: bool = False
    flatten_traits: bool = False


class MappingSettings(Part):
    """A mapping of the Mixpanel destination besides its presets.

    `properties` is `all`, or lists everything that is sent. `action: alias` takes alias calls.
    """

    name: Name | None = None
    enabled: bool = True
    action: Annotated[Literal["track", "alias"], BeforeValidator(_reproduced)] = "track"
    trigger: TriggerText
    event_name: Template = "{event}"
    properties: Annotated[
        Annotated[Literal["all"], Tag("<word>")]
        | Annotated[dict[str, MappedValue], Tag("<mapping>")],
        _word_or("<mapping>"),
    ] = "all"


class MixpanelSettings(DestinationSettings):
    """Mixpanel.

    Unless set, `people` is true for the framework `actions` and false for `classic`. `page_event`
    names the event of a page call.
    """

    framework: Literal["actions", "classic"] = "actions"
    group_key: Name = "$group_id"
    people: bool | None = None
    page_event: Template = "Viewed {name}"
    mappings: tuple[MappingSettings, ...] = ()
    explode_products: bool = True
    super_properties: Annotated[
        Annotated[Literal["off", "traits"], Tag("<word>")]
        | Annotated[tuple[Name, ...], Tag("<list>")],
        _word_or("<list>"),
    ] = "off"
    identity_merge: Literal["simplified", "original"] = "simplified"
    mp_lib_prefix: str = "Segment: "

    @property
    def sends_people(self) -> bool:
        """Whether profiles are sent."""
        return self.framework == "actions" if self.people is None else self.people

    @property
    def mapping_names(self) -> list[str]:
        """The names of the mappings; one without a name has its place in the list."""
        return [
            mapping.name or f"mapping_{place}"
            for place, mapping in enumerate(self.mappings, start=1)
        ]


class Destinations(Part):
    """The destinations by name."""

    mutiny: MutinySettings = Field(default_factory=MutinySettings)
    mixpanel: MixpanelSettings = Field(default_factory=MixpanelSettings)
    abmatic: AbmaticSettings = Field(default_factory=AbmaticSettings)
    split: SplitSettings = Field(default_factory=SplitSettings)

    def named(self, name: DestinationName) -> DestinationSettings:
        """Return the settings of one destination."""
        destination: DestinationSettings = getattr(self, name)
        return destination
