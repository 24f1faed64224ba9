"""Where exposures come from: built-in adapters, and those described by a trigger and paths."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from jobs.config.base import Part
from jobs.config.values import (
    Name,
    NameList,
    PathList,
    RequiredNameList,
    RequiredPathList,
    TriggerText,
)

UnitKind = Literal["person", "anonymous_id", "user_id", "account"]

_DESCRIPTION = ("vendor", "trigger", "experience", "variant", "audience_segment")
_BUILT_IN = "is fixed for a built-in adapter; remove the key, or use adapter: custom"


class ExposureAdapter(Part):
    """What every adapter has; `unit` replaces `statistics.unit` for its exposures.

    `sources` lists where its exposures may come from, by key or id; without it, everywhere. Of
    several entries for one vendor, the first that matches a message by trigger, `sources` and
    `unit` counts.
    """

    unit: UnitKind | None = None
    sources: RequiredNameList | None = None


class _BuiltInAdapter(ExposureAdapter):
    refused_keys: ClassVar[dict[str, str]] = dict.fromkeys(_DESCRIPTION, _BUILT_IN)


class MutinyExposures(_BuiltInAdapter):
    """`Mutiny Experience Viewed`."""

    adapter: Literal["mutiny"]


class SplitExposures(_BuiltInAdapter):
    """`get_treatment`; `baseline` has the control treatment of each flag, `*` of any other."""

    adapter: Literal["split"]
    baseline: dict[str, Name] = Field(default_factory=lambda: {"*": "off"})


class SegmentExperimentExposures(_BuiltInAdapter):
    """`Experiment Viewed` of Segment's own specification."""

    adapter: Literal["segment_experiment"]
    control_variants: NameList = ("control",)


class _DescribedAdapter(ExposureAdapter):
    """An exposure found by its trigger; in each list of paths the first with a value counts."""

    trigger: TriggerText
    experience: RequiredPathList
    variant: RequiredPathList
    audience_segment: PathList = ()
    control_variants: NameList = ("control",)


class AbmaticExposures(_DescribedAdapter):
    """Abmatic, which has no event of its own: you choose the trigger and the paths."""

    refused_keys: ClassVar[dict[str, str]] = {
        "vendor": "is always abmatic here; remove the key, or use adapter: custom"
    }
    adapter: Literal["abmatic"]


class CustomExposures(_DescribedAdapter):
    """Any other vendor."""

    adapter: Literal["custom"]
    vendor: Name


def _tag(value: Any) -> str | None:
    adapter = value.get("adapter") if isinstance(value, dict) else getattr(value, "adapter", None)
    return f"<{adapter}>" if isinstance(adapter, str) else None


def _mapping(value: Any) -> Any:
    return {"adapter": value} if isinstance(value, str) else value


ExposureEntry = Annotated[
    Annotated[MutinyExposures, Tag("<mutiny>")]
    | Annotated[SplitExposures, Tag("<split>")]
    | Annotated[SegmentExperimentExposures, Tag("<segment_experiment>")]
    | Annotated[AbmaticExposures, Tag("<abmatic>")]
    | Annotated[CustomExposures, Tag("<custom>")],
    Discriminator(
        _tag,
        custom_error_type="adapter",
        custom_error_message="has no known adapter;"
        " write adapter: mutiny, split, segment_experiment, abmatic or custom",
    ),
    BeforeValidator(_mapping),
]
"""An adapter; one that needs no key may be written as its name alone."""


def entry_vendor(entry: ExposureEntry) -> str:
    """Return what published tables call the vendor of an entry."""
    return entry.vendor if isinstance(entry, CustomExposures) else entry.adapter
