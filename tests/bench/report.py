"""The tables that `make bench` prints."""

import os
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.demo import DemoSummary
from tests.bench.components import ComponentFigures
from tests.bench.experiences import ExperienceFigures
from tests.bench.night import NightFigures
from tests.bench.segments import SegmentFigures
from tests.bench.simulation import ALL, BUSINESSES, DAYS, SimulatedFigures
from tests.bench.staging import Resources, StagingFigures

SLOWEST_MODELS = 12
DECIDED = {
    "last": "last_significant",
    "any": "ever_significant",
    "running": "running_significant",
    "early": "early_significant",
    "winner": "winner",
    "loser": "loser",
}
COVERED = {
    "lift_ci": "lift_coverage",
    "absolute_ci": "difference_coverage",
    "running_ci": "running_coverage",
}


Comparisons = tuple[tuple[str, str, float, float], ...]
"""What is measured, against what, its seconds and those of the other."""


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was measured, in seconds."""

    demo: DemoSummary
    demo_seconds: float
    staging: StagingFigures
    night: NightFigures


def print_figures(console: Console, figures: Figures, resources: Resources, runs: int) -> None:
    """Print the ratios, the night's steps and its slowest models."""
    demo = figures.demo
    console.print(
        f"{demo.messages:,} messages of {demo.visitors:,} visitors in {demo.files:,} files,"
        f" {demo.bytes / 1e6:,.0f} MB; {resources.threads} threads, {resources.memory_limit};"
        f" fastest of {runs} runs; load average now {os.getloadavg()[0]:.1f}",
        highlight=False,
    )
    for table in (_ratios(figures), _steps(figures.night), _models(figures.night)):
        console.print(table)


def print_staging(
    console: Console, demo: DemoSummary, staging: StagingFigures, resources: Resources
) -> None:
    """Print what staging costs against DuckDB's own copy, in one line."""
    console.print(
        f"staging {staging.rows:,} messages ({demo.bytes / 1e6:,.0f} MB) with"
        f" {resources.threads} threads and {resources.memory_limit}: {staging.staging:.1f} s,"
        f" create table as select * {staging.copy:.1f} s,"
        f" ratio {staging.staging / staging.copy:.2f}; load average {os.getloadavg()[0]:.1f}",
        highlight=False,
    )


def print_components(console: Console, components: ComponentFigures, resources: Resources) -> None:
    """Print what connected components cost against scipy, and an increment against the whole."""
    console.print(
        f"{components.links:,} links of {components.nodes:,} identifiers in"
        f" {components.components:,} components; {resources.threads} threads,"
        f" {resources.memory_limit}; load average {os.getloadavg()[0]:.1f}",
        highlight=False,
    )
    plain = components.plain
    end = "finished" if plain.is_finished else "stopped"
    measured: Comparisons = (
        (
            "scipy",
            "keys numbered, scipy's connected_components, labels written beside the keys",
            components.scipy,
            components.scipy,
        ),
        ("ours", "from scratch : scipy", components.full, components.scipy),
        (
            "smallest label",
            f"the plain iteration in SQL, {end} after {plain.rounds} rounds : scipy",
            plain.seconds,
            components.scipy,
        ),
        (
            "increment",
            f"{components.new_links:,} links more : ours from scratch",
            components.incremental,
            components.full,
        ),
    )
    console.print(_comparisons("Connected components", "way : against what", measured))


def print_segments(console: Console, segments: SegmentFigures, resources: Resources) -> None:
    """Print what ten segments cost against a sort of the changes, and what a night of them does."""
    console.print(
        f"{segments.changes:,} changes of traits of {segments.persons:,} persons, ten segments,"
        f" {segments.memberships:,} memberships; {resources.threads} threads,"
        f" {resources.memory_limit}; load average {os.getloadavg()[0]:.1f}",
        highlight=False,
    )
    measured: Comparisons = (
        ("one window sort", "`lag` over the changes, written down", segments.sort, segments.sort),
        ("from nothing", "ten segments : the sort", segments.full, segments.sort),
        (
            "increment",
            f"{segments.new_changes:,} changes more : from nothing",
            segments.incremental,
            segments.full,
        ),
    )
    console.print(_comparisons("Rule segments", "what : against what", measured))


def print_experiences(
    console: Console, experiences: ExperienceFigures, resources: Resources
) -> None:
    """Print what lift costs against a script of the same tables, and what a day more does."""
    console.print(
        f"{experiences.messages:,} messages, {experiences.exposures:,} exposures;"
        f" {resources.threads} threads, {resources.memory_limit};"
        f" load average {os.getloadavg()[0]:.1f}",
        highlight=False,
    )
    measured: Comparisons = (
        (
            "script",
            "the same tables by hand, no statistics",
            experiences.script,
            experiences.script,
        ),
        (
            "from nothing",
            "models after identity, without dbt's start : the script",
            experiences.from_nothing,
            experiences.script,
        ),
        (
            "a day more",
            f"{experiences.new_messages:,} messages; each model added up : the same from nothing",
            experiences.models_next_night,
            experiences.models_from_nothing,
        ),
    )
    console.print(_comparisons("Experiences", "what : against what", measured))


def print_simulation(console: Console, figures: list[SimulatedFigures]) -> None:
    """Print two tables for each true lift: shares of experiments decided, of intervals right."""
    experiments = max(shares.experiments for shares in figures[0].shares)
    console.print(
        f"Percent of {experiments:,} experiments of two arms, each with `size` converters. With"
        " p < 0.05 on the last day (last), on some day (any), a running p < 0.05 (running), the"
        " same without minimums (early), ever called winner or loser; and with the truth in an"
        " interval: on the last day, for running_ci on every day. The number after a metric is the"
        " skewness of a visitor's value, which a third of the experiments have.",
        highlight=False,
    )
    for lift in sorted({size.lift for size in figures}):
        simulated = [size for size in figures if size.lift == lift]
        for what, shares in (("decided", DECIDED), ("truth in the interval", COVERED)):
            title = f"True lift {lift:.0%}, {DAYS} days: {what}"
            console.print(_simulated(title, simulated, shares))


def _simulated(title: str, figures: list[SimulatedFigures], columns: dict[str, str]) -> Table:
    table = _table(title, "metric")
    for heading in ("size", *columns):
        table.add_column(heading, justify="right")
    for name, business, metric in _simulated_rows():
        for size in figures:
            (shares,) = (
                each for each in size.shares if (each.business, each.metric) == (business, metric)
            )
            table.add_row(
                name,
                f"{size.converters:,}",
                *(f"{100 * getattr(shares, share):.1f}" for share in columns.values()),
            )
    return table


def _simulated_rows() -> list[tuple[str, str, str]]:
    """What a row is called, and its business and metric; values differ by their skewness."""
    return [
        *((metric, ALL, metric) for metric in ("conversion_rate", "conversions_per_visitor")),
        *(
            (f"{metric} {business.skewness:.0f}", business.name, metric)
            for metric in ("value_per_visitor", "value_per_conversion")
            for business in BUSINESSES
        ),
    ]


def _ratios(figures: Figures) -> Table:
    staging, night, demo = figures.staging, figures.night, figures.demo
    table = _table("Against plain DuckDB", "what is measured : against what")
    for heading in ("measured", "plain DuckDB", "ratio"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, explanation, measured, reference in (
        (
            "staging",
            "ingest of all files into a fresh warehouse : `create table as select *` of the same",
            staging.staging,
            staging.copy,
        ),
        (
            "whole night",
            "ingest, build, publish and export into a fresh warehouse : the same `create table`",
            night.total,
            staging.copy,
        ),
    ):
        table.add_row(
            _named(name, explanation),
            f"{measured:.2f} s",
            f"{reference:.2f} s",
            f"{measured / reference:.1f}",
        )
    opened = f"ingest once more: {staging.opened_again} of {staging.files:,} files opened"
    table.add_row(_named("nothing new", opened), f"{staging.again:.2f} s")
    drawn = "messages a second that `lift demo` draws and writes"
    table.add_row(_named("demo", drawn), f"{demo.messages / figures.demo_seconds:,.0f}/s")
    return table


def _comparisons(title: str, heading: str, measured: Comparisons) -> Table:
    table = _table(title, heading)
    for column in ("seconds", "ratio"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, explanation, seconds, reference in measured:
        table.add_row(_named(name, explanation), f"{seconds:.1f}", f"{seconds / reference:.2f}")
    return table


def _steps(night: NightFigures) -> Table:
    table = _table("The night", "step, and folder of models (these overlap, two at a time)")
    table.add_column("seconds", justify="right")
    for step, seconds in night.steps.items():
        table.add_row(step, f"{seconds:.1f}", style="bold")
        if step == "build":
            for folder, total in sorted(night.folders.items(), key=lambda item: -item[1]):
                table.add_row(f"  {folder}", f"{total:.1f}")
    table.add_row("all", f"{night.total:.1f}", style="bold")
    return table


def _models(night: NightFigures) -> Table:
    table = _table("The slowest models", "model")
    table.add_column("seconds", justify="right")
    slowest = sorted(night.models.items(), key=lambda item: -item[1])
    for name, seconds in slowest[:SLOWEST_MODELS]:
        table.add_row(name, f"{seconds:.1f}")
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None,
        padding=(0, 2),
        collapse_padding=True,
        pad_edge=False,
    )
    for column in columns:
        table.add_column(column)
    return table


def _named(name: str, explanation: str) -> Text:
    return Text.assemble((name, "bold"), f"\n{explanation}")
