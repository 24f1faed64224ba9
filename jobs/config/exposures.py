"""What makes an exposure: the built-in adapters and those described by a trigger and paths."""

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
_BUILT_IN = "a built-in adapter knows this by itself; remove the key, or describe it as custom"


class ExposureAdapter(Part):
    """What every adapter has; `unit` replaces `statistics.unit` for its exposures.

    `sources` are those its exposures may come from, by key or id; without it all are. Of several
    entries of one vendor the first that matches a message counts: by its trigger, its `sources`
    and its `unit`.
    """

    unit: UnitKind | None = None
    sources: RequiredNameList | None = None


class _BuiltInAdapter(ExposureAdapter):
    refused_keys: ClassVar[dict[str, str]] = dict.fromkeys(_DESCRIPTION, _BUILT_IN)


class MutinyExposures(_BuiltInAdapter):
    """`Mutiny Experience Viewed`."""

    adapter: Literal["mutiny"]


class SplitExposures(_BuiltInAdapter):
    """`get_treatment`; `baseline` names the control treatment of each flag, `*` of all others."""

    adapter: Literal["split"]
    baseline: dict[str, Name] = Field(default_factory=lambda: {"*": "off"})


class SegmentExperimentExposures(_BuiltInAdapter):
    """`Experiment Viewed` of Segment's own specification."""

    adapter: Literal["segment_experiment"]
    control_variants: NameList = ("control",)


class _DescribedAdapter(ExposureAdapter):
    """An exposure found by its trigger; of each list of paths the first that has a value counts."""

    trigger: TriggerText
    experience: RequiredPathList
    variant: RequiredPathList
    audience_segment: PathList = ()
    control_variants: NameList = ("control",)


class AbmaticExposures(_DescribedAdapter):
    """Abmatic publishes no event of its own, so that trigger and paths are yours."""

    refused_keys: ClassVar[dict[str, str]] = {
        "vendor": "the vendor of this adapter is abmatic; remove the key, or describe it as custom"
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
        custom_error_message="the adapter is unknown;"
        " write adapter: mutiny, split, segment_experiment, abmatic or custom",
    ),
    BeforeValidator(_mapping),
]


def entry_vendor(entry: ExposureEntry) -> str:
    """Return what published tables call the vendor of an entry."""
    return entry.vendor if isinstance(entry, CustomExposures) else entry.adapter
