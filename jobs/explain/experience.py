"""How the result of an experience came about: everything `lift explain experience` shows."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from jobs.config import Settings
from jobs.config.experiences import ConversionSettings
from jobs.explain.figures import Figure, read_figures
from jobs.explain.grains import Grain, conversions_asked, grains_of
from jobs.publication import read_publication, settings_changed
from jobs.sql_files import read_sql

# Why a vendor's destination did not receive a conversion.
DELIVERY = (
    "destination_inactive",
    "source_not_connected",
    "region_mismatch",
    "consent",
    "integrations_object",
    "unsupported_type",
    "conversion_integration_off",
)
# Every outcome of `fct_conversion_outcomes`, in the order of a report.
OUTCOMES = (
    "repeated_value",
    *DELIVERY,
    "without_unit",
    "never_exposed",
    "before_exposure",
    "outside_window",
    "crossover",
    "counted",
)

LANDING = """
select
    coalesce(sum(landed), 0)::bigint, coalesce(sum(rejected), 0)::bigint,
    coalesce(sum(duplicates), 0)::bigint, coalesce(sum(staged), 0)::bigint
from rpt_reconciliation
"""

INCOMPLETE = """
select reason, count(*)
from rpt_incomplete_exposures
where vendor = ?
group by reason
order by count(*) desc, reason
"""


@dataclass(frozen=True, slots=True)
class Landing:
    """What was landed over all sources: landed = rejected + duplicates + messages."""

    landed: int
    rejected: int
    duplicates: int
    messages: int


@dataclass(frozen=True, slots=True)
class Views:
    """Exposure messages of the experience, and what became of them.

    exposures = outside_periods + in_other_periods + without_unit + impressions.
    """

    exposures: int
    outside_periods: int
    in_other_periods: int
    without_unit: int
    impressions: int
    first_exposed_at: datetime | None
    last_exposed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Variant:
    """Units assigned to a variant; `counted` are those left by the policy on crossovers."""

    variant: str
    arm: str
    units: int
    crossovers: int
    impressions: int
    counted: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of all conversions of one name, by `OUTCOMES`, and who counts by arm."""

    settings: ConversionSettings
    is_main: bool
    outcomes: dict[str, int]
    counted: dict[str, int]
    converters: dict[str, int]
    figures: list[Figure]


@dataclass(frozen=True, slots=True)
class Study:
    """One grain of an experience, from its exposure messages to its verdicts.

    With `unit_types` of several types each conversion has an outcome for each of them.
    """

    grain: Grain
    unit_types: list[str]
    incomplete: dict[str, int]
    views: Views
    variants: list[Variant]
    srm_p_value: float | None
    conversions: list[Conversion]


@dataclass(frozen=True, slots=True)
class Result:
    """What was landed, and every vendor and period of the experience.

    `is_changed` says that the last night had another configuration.
    """

    landing: Landing
    studies: list[Study]
    is_changed: bool


def explain_experience(
    settings: Settings, name: str, segment: str | None = None, conversion: str | None = None
) -> Result:
    """Return how the figures of an experience came about, for everybody or one audience segment.

    Raises:
        UsageError: the experience, segment or conversion is unknown.
    """
    asked = conversions_asked(settings, conversion)
    with read_publication(settings) as con:
        grains = grains_of(con, name, segment)
        landing = Landing(*con.execute(LANDING).fetchall()[0])
        studies = [_study(con, settings, grain, asked) for grain in grains]
        return Result(landing, studies, settings_changed(con, settings))


def _study(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    grain: Grain,
    conversions: list[ConversionSettings],
) -> Study:
    def rows(name: str, **more: list[str]) -> list[tuple[Any, ...]]:
        return con.execute(read_sql(__file__, name), {**grain.named(), **more}).fetchall()

    unit_types, *views = rows("views")[0]
    unit_types = unit_types or []
    outcomes = rows("outcomes", unit_types=unit_types)
    srm_p_value, figures = read_figures(con, settings, grain)
    return Study(
        grain,
        unit_types,
        dict(con.execute(INCOMPLETE, [grain.vendor]).fetchall()),
        Views(*views),
        [Variant(*row) for row in rows("variants")],
        srm_p_value,
        [
            _conversion(
                each,
                each is settings.main_conversion,
                [row for name, *row in outcomes if name == each.name],
                [figure for figure in figures if figure.row.conversion == each.name],
            )
            for each in conversions
        ],
    )


def _conversion(
    settings: ConversionSettings, is_main: bool, rows: list[list[Any]], figures: list[Figure]
) -> Conversion:
    outcomes: Counter[str] = Counter()
    for outcome, _, count, _ in rows:
        outcomes[outcome] += count
    counted = [(arm, count, units) for outcome, arm, count, units in rows if outcome == "counted"]
    return Conversion(
        settings,
        is_main,
        {outcome: outcomes[outcome] for outcome in OUTCOMES},
        {arm: count for arm, count, _ in counted},
        {arm: units for arm, _, units in counted},
        figures,
    )
