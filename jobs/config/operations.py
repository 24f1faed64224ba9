"""How the job runs and what it publishes: figures, privacy, names, limits, resources, exports."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from jobs.config.base import Part, refuse
from jobs.config.exposures import UnitKind
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
    matching,
)


class Prior(Part):
    """The normal prior on a relative lift."""

    mean: Number = 0.0
    stddev: Annotated[Number, Field(gt=0)] = 0.3


class StatisticsSettings(Part):
    """Units, rules and thresholds of the figures.

    `winsorize` is the quantile at which the totals of units are capped; null caps none. With scope
    `received` only those conversions count that the vendor's destination received.
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
    for_good = {old: aliases[new] for old, new in aliases.items() if new in aliases}
    refuse(
        (
            (old,),
            f"maps to '{aliases[old]}', which is an old name itself; "
            + ("remove it" if name in (old, aliases[old]) else f"map it to '{name}'"),
        )
        for old, name in for_good.items()
    )
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
    """What the warehouse may use; `temp` is the folder for data that does not fit into memory."""

    threads: Count = 2
    memory_limit: MemorySize = "4GB"
    temp: LocalPath | None = None


class PublicationSettings(Part):
    """How many publications are kept, and how they hold the events."""

    keep: Count = 3
    events: Literal["table", "parquet", "none"] = "table"


class ExportSettings(Part):
    """The formats marts are exported in; `postgres_env` names the variable of a connection URL."""

    formats: tuple[Literal["parquet", "csv", "xlsx", "hyper"], ...] = ("parquet", "csv")
    postgres_env: VariableName | None = None


class AlertSettings(Part):
    """Which events raise an alert, and the names of the variables with the URLs."""

    webhook_env: VariableName | None = None
    ping_env: VariableName | None = None
    on: tuple[Literal["failure", "error", "verdict"], ...] = ("failure", "error", "verdict")


TotalsFile = Annotated[
    LocalPath, matching(r".*\.csv", "must be a CSV file, not {}; write a path that ends in .csv")
]
"""The totals that a vendor reports."""
