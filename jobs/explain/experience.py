"""How the result of an experience came about: everything `lift explain experience` shows."""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from jobs.config import Settings
from jobs.config.experiences import ConversionSettings
from jobs.explain.figures import Figure, read_figures
from jobs.explain.grains import Grain, conversions_asked, grains_of
from jobs.explain.outcomes import OUTCOMES, Tracing, sent_segments, trace_outcomes
from jobs.publication import read_publication, settings_changed

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

# Every view of a unit is one of its impressions; what is left over is in no assignment.
VIEWS = """
with exposures as (
    select exposed_at
    from fct_exposures
    where vendor = $vendor
        and experience = $experience
        and ($sent_segments is null or list_contains($sent_segments, audience_segment))
),
others as (
    select coalesce(sum(impressions), 0)::bigint as impressions
    from fct_assignments
    where vendor = $vendor
        and experience = $experience
        and audience_segment = $audience_segment
        and period is distinct from $period
),
periods as (select unnest($begins::date[]) as begins, unnest($ends::date[]) as ends)
select
    (select count(*) from exposures),
    (
        select count(*)
        from exposures
        where len($begins::date[]) > 0 and not exists (
            from periods
            where exposed_at >= begins and (ends is null or exposed_at < ends)
        )
    ),
    (select impressions from others),
    (select coalesce(sum(impressions), 0)::bigint from units),
    (select min(exposed_at) from exposures),
    (select max(exposed_at) from exposures)
"""

VARIANTS = """
select
    variant, arm, count(*), count(*) filter (where is_crossover), sum(impressions)::bigint,
    count(*) filter (where not ($excludes_crossovers and is_crossover))
from units
group by variant, arm
order by arm <> 'control', variant
"""

SAMPLE_RATIO = """
select any_value(srm_p_value)
from dim_experiences
where vendor = $vendor
    and experience = $experience
    and audience_segment = $audience_segment
    and period is not distinct from $period
"""

CONVERSION = """
select outcome, arm, count(*), count(distinct unit_id)
from outcomes
where conversion = ?
group by all
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
    """One grain of an experience, from its exposure messages to its verdicts."""

    grain: Grain
    tracing: Tracing
    incomplete: dict[str, int]
    views: Views
    variants: list[Variant]
    srm_p_value: float | None
    conversions: list[Conversion]


@dataclass(frozen=True, slots=True)
class Result:
    """What was landed, and every vendor and period of the experience.

    `is_changed` tells that the last night had another configuration.
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
    tracing = trace_outcomes(con, settings, grain)
    excludes = {"excludes_crossovers": settings.statistics.crossover == "exclude"}
    (ratio,) = con.execute(SAMPLE_RATIO, grain.named()).fetchall()[0]
    return Study(
        grain,
        tracing,
        dict(con.execute(INCOMPLETE, [grain.vendor]).fetchall()),
        _views(con, settings, grain),
        [Variant(*row) for row in con.execute(VARIANTS, excludes).fetchall()],
        ratio,
        [_conversion(con, settings, grain, conversion) for conversion in conversions],
    )


def _views(con: duckdb.DuckDBPyConnection, settings: Settings, grain: Grain) -> Views:
    periods = settings.experiences.periods.get(grain.experience, ())
    exposures, outside, others, impressions, first, last = con.execute(
        VIEWS,
        {
            **grain.named(),
            "sent_segments": sent_segments(settings, grain.audience_segment),
            "begins": [period.from_date for period in periods],
            "ends": [period.to_date for period in periods],
        },
    ).fetchall()[0]
    without_unit = exposures - outside - others - impressions
    return Views(exposures, outside, others, without_unit, impressions, first, last)


def _conversion(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    grain: Grain,
    conversion: ConversionSettings,
) -> Conversion:
    rows = con.execute(CONVERSION, [conversion.name]).fetchall()
    outcomes = {
        each: sum(count for outcome, _, count, _ in rows if outcome == each) for each in OUTCOMES
    }
    counted = {arm: (count, units) for outcome, arm, count, units in rows if outcome == "counted"}
    return Conversion(
        conversion,
        conversion is settings.main_conversion,
        outcomes,
        {arm: count for arm, (count, _) in counted.items()},
        {arm: units for arm, (_, units) in counted.items()},
        read_figures(con, settings, grain, conversion.name),
    )
