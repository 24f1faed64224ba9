"""What every conversion's own history says of tests: visitors and days needed, power so far."""

from dataclasses import dataclass
from datetime import date

import duckdb

from jobs.config import Settings
from jobs.config.experiences import ConversionSettings
from jobs.plan.power import NONE, Arms, days_needed, power_of, visitors_needed
from jobs.sql_files import read_sql

LIFTS = (0.05, 0.10, 0.20)
GOAL = 0.10
TRAFFIC_DAYS = 28


@dataclass(frozen=True, slots=True)
class Need:
    """What it takes to find a lift: visitors of each of two equal arms, and days in all.

    `days` and `days_left` are at the traffic and split of now; None where there is no traffic.
    `power_reached` is that of the visitors so far.
    """

    lift: float
    visitors_per_arm: int
    days: int | None
    power_reached: float
    days_left: int | None


@dataclass(frozen=True, slots=True)
class SampleSize:
    """What tests of one conversion need, going by one experience, or by all persons seen.

    Without an experience `baseline` is the share of persons who converted within the window from
    when they were first seen, and an even split is taken. Without a conversion there are no needs.
    """

    conversion: str
    vendor: str | None
    experience: str | None
    period: date | None
    variant: str | None
    baseline: float | None
    control_visitors: int
    variant_visitors: int
    control_per_day: float
    variant_per_day: float
    minimum_detectable_effect: float | None
    needs: list[Need]

    @property
    def goal(self) -> Need | None:
        """What the lift needs that progress is measured by."""
        return next((need for need in self.needs if need.lift == GOAL), None)


def read_sample_sizes(con: duckdb.DuckDBPyConnection, settings: Settings) -> list[SampleSize]:
    """Return sizes for every experience and conversion, in the order of the configuration.

    A conversion that no experience is measured by goes by all persons, once anybody did it.
    """
    names = [conversion.name for conversion in settings.conversions]
    experiences = con.execute(read_sql(__file__, "experiences"), {"days": TRAFFIC_DAYS}).fetchall()
    rows = [row for row in experiences if row[0] in names]
    rows.sort(key=lambda row: (row[1], row[2], names.index(row[0])))
    measured = {row[0] for row in rows}
    sizes = [_of_experience(settings, *row) for row in rows]
    others = [each for each in settings.conversions if each.name not in measured]
    return sizes + [size for each in others if (size := _of_persons(con, settings, each))]


def _of_experience(
    settings: Settings,
    conversion: str,
    vendor: str,
    experience: str,
    period: date | None,
    variant: str,
    baseline: float | None,
    *figures: float,
) -> SampleSize:
    control, treated, recent_control, recent_variant, days, effect = figures
    so_far = Arms(control, treated)
    per_day = Arms(recent_control / days, recent_variant / days)
    needs = _needs(settings, baseline, control, so_far, per_day)
    return SampleSize(
        conversion, vendor, experience, period, variant, baseline, int(control), int(treated),
        *per_day, effect, needs,
    )  # fmt: skip


def _of_persons(
    con: duckdb.DuckDBPyConnection, settings: Settings, conversion: ConversionSettings
) -> SampleSize | None:
    window = conversion.window.total_seconds()
    asked = {"conversion": conversion.name, "window": window, "days": TRAFFIC_DAYS}
    converters, persons, recent, days = con.execute(
        read_sql(__file__, "persons"), asked
    ).fetchall()[0]
    if not converters:
        return None
    baseline = converters / persons
    per_day = Arms(recent / days / 2, recent / days / 2)
    needs = _needs(settings, baseline, persons, NONE, per_day)
    return SampleSize(
        conversion.name, None, None, None, None, baseline, 0, 0, *per_day, None, needs
    )


def _needs(
    settings: Settings, baseline: float | None, observed: float, so_far: Arms, per_day: Arms
) -> list[Need]:
    """Return what each lift needs; nothing where nobody converted, or everybody did."""
    if not baseline or baseline == 1:
        return []
    # The sample variance of a rate, as in the published figures.
    variance = (1 - baseline) / baseline * observed / max(observed - 1, 1)
    alpha, power = settings.statistics.alpha, settings.statistics.power
    return [
        Need(
            lift,
            visitors_needed(lift, variance, alpha, power),
            days_needed(lift, variance, NONE, per_day, alpha, power),
            power_of(lift, variance, so_far, alpha),
            days_needed(lift, variance, so_far, per_day, alpha, power),
        )
        for lift in LIFTS
    ]
