"""The settings as rows: what the models join, one type per table `raw.config_*`."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ConfigRow:
    """A row of `raw.<table>`; its fields are the columns, in their order."""

    table: ClassVar[str]


@dataclass(frozen=True, slots=True)
class ConfigSource(ConfigRow):
    """A source of lift.yml; without destinations it is connected to all of them."""

    table = "config_sources"
    source: str
    kind: str
    environment: str | None
    region: str | None
    destinations: list[str] | None


@dataclass(frozen=True, slots=True)
class ConfigSourceKey(ConfigRow):
    """A name that the landing zone may have for a source: its key or its id."""

    table = "config_source_keys"
    landed_as: str
    source: str


@dataclass(frozen=True, slots=True)
class ConfigDestination(ConfigRow):
    """A vendor that has a destination in Segment, and what that receives."""

    table = "config_destinations"
    vendor: str
    is_named: bool
    state: str
    is_active: bool
    region: str | None
    is_region_enforced: bool
    integration_names: list[str]
    accepted_types: list[str]
    consent_categories: list[str]
    counts_conversions: bool


@dataclass(frozen=True, slots=True)
class ConfigExposureEntry(ConfigRow):
    """An entry of `exposures:` by its place."""

    table = "config_exposure_entries"
    entry: int
    adapter: str
    vendor: str
    unit_type: str
    control_variants: list[str]


@dataclass(frozen=True, slots=True)
class ConfigSplitBaseline(ConfigRow):
    """The control treatment of a Split flag; `*` covers every flag that has none of its own."""

    table = "config_split_baselines"
    entry: int
    experience: str
    treatment: str


@dataclass(frozen=True, slots=True)
class ConfigVendorUnit(ConfigRow):
    """A type of unit of a vendor. Where a vendor has several, the ids of units begin with it."""

    table = "config_vendor_units"
    vendor: str
    unit_type: str
    unit_number: int
    unit_prefix: str


@dataclass(frozen=True, slots=True)
class ConfigConversion(ConfigRow):
    """A conversion."""

    table = "config_conversions"
    conversion: str
    is_main: bool
    has_value: bool
    window_seconds: int


@dataclass(frozen=True, slots=True)
class ConfigTrigger(ConfigRow):
    """A trigger: of a conversion, its refund, an entry or a mapping. No sources: it takes any."""

    table = "config_triggers"
    trigger_number: int
    kind: str
    conversion: str | None
    entry: int | None
    sources: list[str] | None


@dataclass(frozen=True, slots=True)
class ConfigMixpanelMapping(ConfigRow):
    """An enabled mapping of Mixpanel by its trigger; its number is its place in lift.yml."""

    table = "config_mixpanel_mappings"
    trigger_number: int
    mapping_number: int
    mapping: str
    action: str


@dataclass(frozen=True, slots=True)
class ConfigExpectedEvent(ConfigRow):
    """An event name that the trigger of a conversion or of exposures asks for."""

    table = "config_expected_events"
    subject: str
    event_name: str


@dataclass(frozen=True, slots=True)
class ConfigEventAlias(ConfigRow):
    """An old event name, and the one that keeps its history."""

    table = "config_event_aliases"
    event_name: str
    canonical_name: str


@dataclass(frozen=True, slots=True)
class ConfigEventSpelling(ConfigRow):
    """An event name as lift.yml spells it, by the snake_case that a data lake has of it."""

    table = "config_event_spellings"
    snake_name: str
    event_name: str


@dataclass(frozen=True, slots=True)
class ConfigPeriod(ConfigRow):
    """A run of an experience: the first day included, the last not; without it it is open."""

    table = "config_periods"
    experience: str
    from_date: date
    to_date: date | None


@dataclass(frozen=True, slots=True)
class ConfigSegmentAlias(ConfigRow):
    """A name of an audience segment, and the one that it counts under."""

    table = "config_segment_aliases"
    audience_segment: str
    canonical_name: str


@dataclass(frozen=True, slots=True)
class ConfigReportedTotal(ConfigRow):
    """A total of an arm that a vendor reports; the value is in units of 1/10,000."""

    table = "config_reported_totals"
    vendor: str
    experience: str
    audience_segment: str
    conversion: str
    arm: str
    visitors: int | None
    converters: int | None
    value_units: int | None


@dataclass(frozen=True, slots=True)
class ConfigExpectedSplit(ConfigRow):
    """The expected share of a variant or an arm of an experience."""

    table = "config_expected_splits"
    experience: str
    split_key: str
    weight: float


@dataclass(frozen=True, slots=True)
class ConfigAudience(ConfigRow):
    """A trait of `audiences:`."""

    table = "config_audiences"
    audience: str


@dataclass(frozen=True, slots=True)
class ConfigSegmentRule(ConfigRow):
    """A segment of `segments:`; its flag is a bit of the number that its chunk evaluates to."""

    table = "config_segment_rules"
    user_segment: str
    chunk: int
    flag: int
    is_default: bool
    is_retrospective: bool


@dataclass(frozen=True, slots=True)
class ConfigPredicate(ConfigRow):
    """A predicate that rules rest on; its flag is a bit of the state of its chunk."""

    table = "config_predicates"
    predicate: int
    chunk: int
    flag: int
    kind: str
    name: str
    value_kind: str | None
    measure: str | None
    within_seconds: int | None
    operator: str | None
    bound: int | None
