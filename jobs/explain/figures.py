"""The published figures of an experience, and in a sentence why each has the status it has."""

from dataclasses import dataclass

import duckdb

from jobs.config import Settings
from jobs.explain.grains import Grain

FIGURES = """
select
    metric, variant, control_visitors, control_converters, control_mean, variant_visitors,
    variant_converters, variant_mean, lift, running_p_value, running_ci_lower, running_ci_upper,
    lift_ci_lower, lift_ci_upper, srm_p_value, minimum_detectable_effect, status
from fct_experience_lift
where vendor = $vendor
    and experience = $experience
    and audience_segment = $audience_segment
    and period is not distinct from $period
    and conversion = $conversion
order by
    list_position([
        'conversion_rate', 'conversions_per_visitor', 'value_per_visitor', 'value_per_conversion'
    ], metric),
    variant
"""

# Of the units that the test of the sample ratio counts.
SHARES = """
select
    audience_segment,
    count(*) filter (where arm = 'personalized') / count(*) as personalized_share
from fct_assignments
where vendor = $vendor
    and experience = $experience
    and period is not distinct from $period
    and audience_segment <> '(all)'
    and not is_crossover
group by audience_segment
order by personalized_share, audience_segment
"""

SPLIT = """
select variant, arm, count(*)
from units
where not is_crossover
group by variant, arm
order by arm <> 'control', variant
"""

# Those that need no figures to be understood.
FIXED = {
    "no_control_arm": "no counted visitor is in control, so there is nothing to compare with",
    "no_treatment_arm": "no counted visitor saw it personalized, so there is nothing to compare",
    "zero_control_rate": "control's mean is zero, and a lift over nothing has no size",
    "zero_variance": "within each arm all visitors did the same, so what chance does is unknown",
}
# Rounded, so that 0.51 is one point from 0.5.
ONE_POINT = 0.01 + 1e-9


@dataclass(frozen=True, slots=True)
class Row:
    """A row of fct_experience_lift, as far as it is shown."""

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
    con: duckdb.DuckDBPyConnection, settings: Settings, grain: Grain, conversion: str
) -> list[Figure]:
    """Return the rows of a conversion in one grain, each with the reason of its status."""
    of_grain = grain.named()
    asked = {**of_grain, "conversion": conversion}
    rows = [Row(*row) for row in con.execute(FIGURES, asked).fetchall()]
    mismatch = ""
    if any(row.status == "sample_ratio_mismatch" for row in rows):
        split = con.execute(SPLIT).fetchall()
        del of_grain["audience_segment"]
        shares = con.execute(SHARES, of_grain).fetchall()
        expected = settings.experiences.expected_split.get(grain.experience)
        mismatch = _mismatch(settings, rows[0].srm_p_value, split, shares, expected)
    return [Figure(row, why(row, settings, mismatch)) for row in rows]


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


def _mismatch(
    settings: Settings,
    p_value: float | None,
    split: list[tuple[str, str, int]],
    shares: list[tuple[str, float]],
    expected: dict[str, float] | None,
) -> str:
    """Say which test failed: that against the configured split, else that between segments."""
    limit = settings.statistics.srm_alpha
    is_off = expected is not None and _deviation(split, expected) > ONE_POINT
    if expected is not None and p_value is not None and p_value < limit and is_off:
        seen = " : ".join(f"{count:,} {variant}" for variant, _, count in split)
        wanted = " : ".join(f"{share:.0%} {name}" for name, share in expected.items())
        return (
            f"the arms are {seen} where {wanted} was expected: p {p_written(p_value)} is under"
            f" srm_alpha {limit:g}, and a share is more than one point off"
        )
    (least, lowest), (most, highest) = shares[0], shares[-1]
    return (
        f"the personalized share differs between audience segments, from {lowest:.0%} of {least}"
        f" to {highest:.0%} of {most}: pooling them would mislead"
    )


def _deviation(split: list[tuple[str, str, int]], expected: dict[str, float]) -> float:
    """Return by how much a share is off at most; a key names a variant, else an arm."""
    counts = dict.fromkeys(expected, 0)
    for variant, arm, count in split:
        if (key := variant if variant in expected else arm) in counts:
            counts[key] += count
    units = sum(counts.values())
    return max(abs(count / units - expected[key]) for key, count in counts.items()) if units else 0


def interval(lower: float | None, upper: float | None) -> str:
    """Return the bounds of a lift; null is open on that side."""
    bounds = ("-" if bound is None else f"{bound:+.1%}" for bound in (lower, upper))
    return " to ".join(bounds)


def p_written(value: float | None) -> str:
    """Return a p-value with two digits that count."""
    return "-" if value is None else f"{value:.2g}" if value >= 0.0001 else "< 0.0001"
