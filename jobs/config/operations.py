"""How the job runs and what it publishes: figures, privacy, names, limits, resources, exports."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from jobs.config.base import Part, refuse
from jobs.config.exposures import UnitKind
from jobs.config.messages import shown
from jobs.config.problems import Location
from jobs.config.values import (
    Count,
    Duration,
    LocalPath,
    MemorySize,
    Name,
    Number,
    PathText,
    PositiveDuration,
    Probability,
    Share,
    VariableName,
)


class Prior(Part):
    """The normal prior on a relative lift."""

    mean: Number = 0.0
    stddev: Annotated[Number, Field(gt=0)] = 0.3


class StatisticsSettings(Part):
    """Units, rules and thresholds of the figures.

    `winsorize` is the quantile that the totals of units are capped at, null for none; `scope`
    `received` counts only the conversions a vendor's destination received.
    """

    unit: UnitKind = "person"
    crossover: Literal["first", "ever_treated", "exclude"] = "first"
    scope: Literal["received", "all"] = "received"
    alpha: Probability = 0.05
    power: Probability = 0.8
    tuning_visitors: Count = 5000
    srm_alpha: Probability = 0.001
    min_visitors: Count = 100
    min_converters: Count = 25
    cuped_lookback: PositiveDuration = timedelta(days=14)
    winsorize: Annotated[Number, Field(gt=0.5, lt=1)] | None = None
    prior: Prior = Field(default_factory=Prior)


class PrivacySettings(Part):
    """Paths that are dropped (`deny`) or hashed with the key of an environment variable."""

    deny: tuple[PathText, ...] = ()
    hash: tuple[PathText, ...] = ()
    hash_key_env: VariableName = "LIFT_HASH_KEY"


def _direct(aliases: dict[str, str]) -> dict[str, str]:
    mistakes: list[tuple[Location, str]] = [
        (
            (old,),
            f"'{new}' is itself an old name; "
            + ("remove it" if aliases[new] in (old, new) else f"map it to '{aliases[new]}'"),
        )
        for old, new in aliases.items()
        if new in aliases
    ]
    refuse("aliases", mistakes)
    return aliases


class NamingSettings(Part):
    """Renamed events, old name to new name, and how many names are too many."""

    aliases: Annotated[dict[str, Name], AfterValidator(_direct)] = Field(default_factory=dict)
    max_event_names: Count = 200


class QualitySettings(Part):
    """Limits of the checks."""

    future_skew: Duration = timedelta(minutes=5)
    stale_after: PositiveDuration = timedelta(hours=24)
    max_rejected_share: Share = 0.01


class ResourceSettings(Part):
    """What the warehouse may use; `temp` is a folder for what does not fit into memory."""

    threads: Count = 2
    memory_limit: MemorySize = "4GB"
    temp: LocalPath | None = None


class PublicationSettings(Part):
    """How many publications stay, and in which form they carry the events."""

    keep: Count = 3
    events: Literal["table", "parquet", "none"] = "table"


class ExportSettings(Part):
    """The formats marts are exported in; `postgres_env` names the variable of a connection URL."""

    formats: tuple[Literal["parquet", "csv", "xlsx", "hyper"], ...] = ("parquet", "csv")
    postgres_env: VariableName | None = None


class AlertSettings(Part):
    """Which events are sent outside the terminal, and the variables that hold the URLs."""

    webhook_env: VariableName | None = None
    ping_env: VariableName | None = None
    on: tuple[Literal["failure", "error", "verdict"], ...] = ("failure", "error", "verdict")


def _csv(value: Any) -> Any:
    if isinstance(value, str) and not value.lower().endswith(".csv"):
        raise ValueError(f"{shown(value)} is not a CSV file; write a path that ends in .csv")
    return value


TotalsFile = Annotated[LocalPath, BeforeValidator(_csv)]
"""The totals that a vendor reports."""
