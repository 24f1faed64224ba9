"""The published figures of an experience, and in a sentence why each has the status it has."""

from dataclasses import dataclass

import duckdb

from jobs.config import Settings
from jobs.explain.grains import Grain
from jobs.sql_files import read_sql

SAMPLE_RATIO = """
select srm_p_value, srm_cause
from dim_experiences
where vendor = $vendor
    and experience = $experience
    and audience_segment = $audience_segment
    and period is not distinct from $period
"""

# Those that need no figures to be understood.
FIXED = {
    "no_control_arm": "no counted visitor is in control, so there is nothing to compare with",
    "no_treatment_arm": "no counted visitor saw it personalized, so there is nothing to compare",
    "zero_control_rate": "control's mean is zero, and a lift over nothing has no size",
    "zero_variance": "within each arm all visitors did the same, so what chance does is unknown",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of fct_experience_lift, as far as it is shown."""

    conversion: str
    metric: str
    variant: str
    control_visitors: int
    control_converters: int
    control_mean: float | None
    variant_visitors: int
    variant_converters: int
    variant_mean: float | None
    lift: float | None
    running_p_value: float | None
    running_ci_lower: float | None
    running_ci_upper: float | None
    lift_ci_lower: float | None
    lift_ci_upper: float | None
    srm_p_value: float | None
    minimum_detectable_effect: float | None
    status: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A published row and the rule that gave it its status."""

    row: Row
    why: str


def read_figures(
    con: duckdb.DuckDBPyConnection, settings: Settings, grain: Grain
) -> tuple[float | None, list[Figure]]:
    """Return the p of the sample ratio and the rows of a grain, each with why it has its status."""
    of_grain = grain.named()
    ratios = con.execute(SAMPLE_RATIO, of_grain).fetchall()
    p_value, cause = ratios[0] if ratios else (None, None)
    mismatch = "" if cause is None else mismatch_words(con, settings, grain, cause, p_value)
    found = con.execute(read_sql(__file__, "figures"), of_grain).fetchall()
    rows = [Row(*values) for values in found]
    return p_value, [Figure(row, why(row, settings, mismatch)) for row in rows]


def why(row: Row, settings: Settings, mismatch: str = "") -> str:
    """Return which rule gave a row its status; `mismatch` says what is wrong with the arms."""
    if row.status in FIXED:
        return FIXED[row.status]
    match row.status:
        case "sample_ratio_mismatch":
            return mismatch
        case "insufficient_data":
            return _insufficient(row, settings)
        case "winner" | "loser":
            side = "above" if row.status == "winner" else "below"
            alpha = f"alpha {settings.statistics.alpha:g}"
            return (
                f"running p {p_written(row.running_p_value)} is under {alpha}, and the running"
                f" interval {interval(row.running_ci_lower, row.running_ci_upper)} lies wholly"
                f" {side} zero"
            )
        case _:
            return _inconclusive(row, settings)


def _insufficient(row: Row, settings: Settings) -> str:
    fewest = settings.statistics.min_visitors
    arms = {"control": row.control_visitors, "the variant": row.variant_visitors}
    lacking = [
        f"{name} has {visitors:,} visitors, under min_visitors {fewest:,}"
        for name, visitors in arms.items()
        if visitors < fewest
    ]
    converters = row.control_converters + row.variant_converters
    if converters < settings.statistics.min_converters:
        lacking.append(
            f"both arms have {converters:,} converters together, under min_converters"
            f" {settings.statistics.min_converters:,}"
        )
    return "; ".join(lacking) or "an arm is too small for a variance"


def _inconclusive(row: Row, settings: Settings) -> str:
    statistics = settings.statistics
    if row.running_p_value is None:
        return "no running p could be computed: the figures have no standard error"
    p_value = f"running p {p_written(row.running_p_value)}"
    if row.running_p_value >= statistics.alpha:
        found = f"{p_value} is not under alpha {statistics.alpha:g}"
        if row.minimum_detectable_effect is None:
            return found
        effect = f"{row.minimum_detectable_effect:+.0%}"
        return f"{found}; lifts from {effect} on are found with {statistics.power:.0%} power"
    bounds = f"{p_value} is under alpha {statistics.alpha:g}, but the running interval"
    if row.running_ci_lower is None and row.lift_ci_lower is None:
        return f"{bounds} has no bounds: it needs both means above zero"
    if row.running_ci_lower is None:
        return f"{bounds} is empty: the days contradict each other"
    return f"{bounds} {interval(row.running_ci_lower, row.running_ci_upper)} holds zero"


def mismatch_words(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    grain: Grain,
    cause: str,
    p_value: float | None,
) -> str:
    """Say which test failed: that against the configured split, or that between segments."""
    if cause == "expected_split":
        split = con.execute(read_sql(__file__, "split"), grain.named()).fetchall()
        seen = " : ".join(f"{count:,} {variant}" for variant, count in split)
        expected = settings.experiences.expected_split.get(grain.experience, {})
        wanted = " : ".join(f"{share:.0%} {name}" for name, share in expected.items())
        return (
            f"the arms are {seen} where {wanted} was expected: p {p_written(p_value)} is under"
            f" srm_alpha {settings.statistics.srm_alpha:g}, and a share is more than one point off"
        )
    of_experience = {
        name: value for name, value in grain.named().items() if name != "audience_segment"
    }
    shares = con.execute(read_sql(__file__, "shares"), of_experience).fetchall()
    (least, lowest), (most, highest) = shares[0], shares[-1]
    return (
        f"the personalized share differs between audience segments, from {lowest:.0%} of {least}"
        f" to {highest:.0%} of {most}: pooling them would mislead"
    )


def interval(lower: float | None, upper: float | None) -> str:
    """Return the bounds of a lift; null is open on that side."""
    bounds = ("-" if bound is None else f"{bound:+.1%}" for bound in (lower, upper))
    return " to ".join(bounds)


def p_written(value: float | None) -> str:
    """Return a p-value with two digits that count."""
    return "-" if value is None else f"{value:.2g}" if value >= 0.0001 else "< 0.0001"
