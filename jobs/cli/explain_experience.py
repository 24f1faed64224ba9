"""How a result was computed: one count per step, from the landing zone to the verdict."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.config import Settings
from jobs.explain.experience import DELIVERY, Conversion, Result, Study, Views
from jobs.explain.figures import Row, interval, p_written
from jobs.explain.grains import EVERYBODY
from jobs.words import count_of, printable, written

UNDELIVERED = {
    "destination_inactive": "its destination is not active",
    "source_not_connected": "the source is not connected to it",
    "region_mismatch": "the source is in another region",
    "consent": "without consent for it",
    "integrations_object": "switched off for it by the integrations object",
    "unsupported_type": "sent with a call type that it does not accept",
    "conversion_integration_off": "it does not take conversions from Segment",
}
POLICIES = {
    "first": "each counts in the variant seen first",
    "ever_treated": "each counts as personalized from its first personalized view on",
    "exclude": "they are left out of every figure",
}
CHANGED = "lift.yml has changed since the last night: figures and counts use the old one."
STYLES = {"winner": "bold green", "loser": "bold red", "inconclusive": "yellow"}


@dataclass(frozen=True, slots=True)
class Step:
    """A line with its count; `is_less` marks what is subtracted."""

    count: int | None
    words: str | Text
    is_less: bool = False


Part = tuple[str, list[Step]]


def print_result(console: Console, settings: Settings, found: Result) -> None:
    """Print the steps of every vendor and period, after those of the landing zone."""
    parts = [_landing(found)]
    for study in found.studies:
        parts += _study(settings, study)
    for title, steps in parts:
        console.print(Text(title, "bold" if steps else "bold underline"), soft_wrap=True)
        table = Table.grid(padding=(0, 2))
        table.add_column(justify="right", no_wrap=True, min_width=11)
        table.add_column(overflow="fold")
        for step in steps:
            table.add_row(_count(step), Text.assemble(step.words))
        console.print(table)
        if steps:
            console.print()
    if found.is_changed:
        console.print(Text(CHANGED, "yellow"))


def _count(step: Step) -> Text:
    if step.count is None:
        return Text()
    return Text(f"- {step.count:,}", "dim") if step.is_less else Text(f"{step.count:,}")


def _landing(found: Result) -> Part:
    landing = found.landing
    return "Landed, over all sources", [
        Step(landing.landed, "rows"),
        Step(landing.rejected, "rejected", is_less=True),
        Step(landing.duplicates, "duplicates of another row", is_less=True),
        Step(landing.messages, "messages"),
    ]


def _study(settings: Settings, study: Study) -> Iterator[Part]:
    grain = study.grain
    whose = "everybody" if grain.audience_segment == EVERYBODY else grain.audience_segment
    since = f", since {grain.period}" if grain.period else ""
    yield f"{printable(f'{grain.experience} ({grain.vendor})')}, {printable(whose)}{since}", []
    yield "Views", list(_views(study))
    yield "Arms", list(_arms(settings, study))
    for conversion in study.conversions:
        main = ", the main conversion" if conversion.is_main else ""
        window = _duration(conversion.settings.window.total_seconds())
        title = f"{printable(conversion.settings.name)}{main}: within {window} of the first view"
        yield title, [*_chain(study, conversion), *_figures(conversion)]


def _views(study: Study) -> Iterator[Step]:
    views, units = study.views, sum(variant.units for variant in study.variants)
    yield Step(views.exposures, _when(views))
    yield from _less(
        (views.outside_periods, "outside every period of the experience"),
        (views.in_other_periods, "in its other periods"),
        (views.without_unit, f"not tied to any {_unit(study)}"),
    )
    each = f", {views.impressions / units:,.1f} views each" if units else ""
    yield Step(units, f"{_units(study)} saw it{each}")
    if study.incomplete:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in study.incomplete.items())
        what = f"incomplete views of {printable(study.grain.vendor)}, counted nowhere"
        yield Step(sum(study.incomplete.values()), Text(f"{what}: {reasons}", "dim"))


def _when(views: Views) -> str:
    if views.first_exposed_at is None:
        return "views"
    first, last = written(views.first_exposed_at), written(views.last_exposed_at)
    return f"views from {first[:16]} to {last[:16]} (UTC)"


def _arms(settings: Settings, study: Study) -> Iterator[Step]:
    counted = sum(variant.counted for variant in study.variants)
    if not study.variants:
        yield Step(0, "units assigned")
    for variant in study.variants:
        arm = "" if variant.arm == variant.variant else f" ({variant.arm})"
        share = f", {variant.counted / counted:.1%}" if counted else ""
        yield Step(variant.counted, f"{printable(variant.variant)}{arm}{share}")
    crossovers = sum(variant.crossovers for variant in study.variants)
    if crossovers:
        policy = POLICIES[settings.statistics.crossover]
        key = f"crossover: {settings.statistics.crossover}"
        yield Step(crossovers, f"saw more than one variant: {policy} ({key})")
    if study.srm_p_value is not None:
        split = settings.experiences.expected_split.get(study.grain.experience)
        shares = " : ".join(f"{share:.0%} {name}" for name, share in (split or {}).items())
        against = f"{shares} expected" if split else "against equal shares, a warning only"
        limit = f"mismatch below {settings.statistics.srm_alpha:g}"
        yield Step(None, f"sample ratio p {p_written(study.srm_p_value)}, {limit}; {against}")


def _chain(study: Study, conversion: Conversion) -> Iterator[Step]:
    outcomes = conversion.outcomes
    vendor, units = printable(study.grain.vendor), _units(study)
    each = ", each for its " + " and its ".join(study.unit_types) if study.unit_types[1:] else ""
    matching = sum(outcomes.values())
    if repeated := outcomes["repeated_value"]:
        yield Step(matching, f"matching messages{each}")
        path = conversion.settings.distinct_by
        what = "value" if path is None else printable(path.text)
        yield Step(repeated, f"repeat the {what} of another message", is_less=True)
    yield Step(matching - repeated, f"conversions in all{each}")
    yield from _less(
        *(
            (outcomes[reason], f"not received by {vendor}: {UNDELIVERED[reason]}")
            for reason in DELIVERY
        ),
        (outcomes["without_unit"], f"not tied to any of the {units}"),
        (outcomes["never_exposed"], f"by {units} that never saw it"),
        (outcomes["before_exposure"], "before the first view"),
        (outcomes["outside_window"], "after the window"),
        (outcomes["crossover"], "by crossovers, which are left out"),
    )
    arms = ", ".join(f"{count:,} {arm}" for arm, count in sorted(conversion.counted.items()))
    yield Step(outcomes["counted"], f"counted: {arms}" if arms else "counted")


def _figures(conversion: Conversion) -> Iterator[Step]:
    if not conversion.figures:
        yield Step(None, Text("no figures: not built yet; run lift nightly", "yellow"))
    several = len({figure.row.variant for figure in conversion.figures}) > 1
    previous = ""
    for figure in conversion.figures:
        variant = f", {printable(figure.row.variant)}" if several else ""
        yield Step(None, Text(f"{figure.row.metric}{variant}", "bold"))
        yield Step(None, _comparison(figure.row))
        style = STYLES.get(figure.row.status, "magenta")
        why = "likewise" if figure.why == previous else printable(figure.why)
        yield Step(None, Text.assemble((figure.row.status, style), f": {why}"))
        previous = figure.why


def _comparison(row: Row) -> str:
    control = _mean(row, row.control_mean, row.control_converters, row.control_visitors)
    variant = _mean(row, row.variant_mean, row.variant_converters, row.variant_visitors)
    compared = f"control {control}, {printable(row.variant)} {variant}"
    if row.lift is None:
        return compared
    if row.running_ci_lower is not None:
        return (
            f"{compared}: {row.lift:+.1%}, {interval(row.running_ci_lower, row.running_ci_upper)}"
        )
    if row.lift_ci_lower is None:
        return f"{compared}: {row.lift:+.1%}"
    bounds = interval(row.lift_ci_lower, row.lift_ci_upper)
    return f"{compared}: {row.lift:+.1%}, {bounds} for one look"


def _mean(row: Row, mean: float | None, converters: int, visitors: int) -> str:
    if row.metric == "conversion_rate":
        rate = "" if mean is None else f" ({mean:.1%})"
        return f"{converters:,} of {visitors:,}{rate}"
    if mean is None:
        return "-"
    return f"{mean:,.3f}" if row.metric == "conversions_per_visitor" else f"{mean:,.2f}"


def _unit(study: Study) -> str:
    return " or ".join(study.unit_types).replace("_", " ") or "unit"


def _units(study: Study) -> str:
    return " or ".join(f"{each}s" for each in study.unit_types).replace("_", " ") or "units"


def _less(*reasons: tuple[int, str]) -> Iterator[Step]:
    for count, words in reasons:
        if count:
            yield Step(count, words, is_less=True)


def _duration(seconds: float) -> str:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds % length == 0:
            return count_of(int(seconds // length), unit)
    return count_of(int(seconds), "second")
