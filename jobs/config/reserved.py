"""The names that published tables use for something else: `lift.yml` must not use them."""

from collections.abc import Iterator

from jobs.config.exposures import (
    AbmaticExposures,
    CustomExposures,
    ExposureEntry,
    SegmentExperimentExposures,
    SplitExposures,
)
from jobs.config.model import Settings
from jobs.config.problems import Location
from jobs.config.values import LiteralText

RESERVED_NAMES = {
    "(all)": "all audience segments",
    "(none)": "no value",
    "(other)": "all other values",
}


def reserved_names(settings: Settings) -> Iterator[tuple[Location, str]]:
    """Yield every place that uses one, with what is wrong there."""
    for location, name in _names(settings):
        if name in RESERVED_NAMES:
            meaning = RESERVED_NAMES[name]
            yield (
                location,
                f"'{name}' is a reserved name: published tables use it for {meaning};"
                " write another name",
            )


def _names(settings: Settings) -> Iterator[tuple[Location, str]]:
    """Yield the names that become names in published tables, or are compared with those sent."""
    for index, entry in enumerate(settings.exposures):
        for part, name in _entry_names(entry):
            yield ("exposures", index, *part), name
    experiences = settings.experiences
    for name, other in experiences.segment_aliases.items():
        yield ("experiences", "segment_aliases", name), name
        yield ("experiences", "segment_aliases", name), other
    for name, split in experiences.expected_split.items():
        yield ("experiences", "expected_split", name), name
        for key in split:
            yield ("experiences", "expected_split", name, key), key
    for name in experiences.periods:
        yield ("experiences", "periods", name), name
    for index, conversion in enumerate(settings.conversions):
        yield ("conversions", index, "name"), conversion.name
    for index, segment in enumerate(settings.segments):
        yield ("segments", index, "name"), segment.name


def _entry_names(entry: ExposureEntry) -> Iterator[tuple[Location, str]]:
    match entry:
        case SplitExposures(baseline=baseline):
            for flag, treatment in baseline.items():
                yield ("baseline", flag), flag
                yield ("baseline", flag), treatment
        case AbmaticExposures() | CustomExposures() | SegmentExperimentExposures():
            for place, variant in enumerate(entry.control_variants):
                yield ("control_variants", place), variant
    if isinstance(entry, CustomExposures):
        yield ("vendor",), entry.vendor
    if isinstance(entry, AbmaticExposures | CustomExposures):
        for part in ("experience", "variant", "audience_segment"):
            for place, path in enumerate(getattr(entry, part)):
                if isinstance(path, LiteralText):
                    yield (part, place), path.value
