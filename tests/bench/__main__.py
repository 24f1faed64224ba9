"""Measure speed on generated data: `python -m tests.bench --visitors 60000 --runs 3`.

With `--staging` it measures staging alone, within the memory of lift.yml and within 1 GB; with
`--components` the connected components of identity alone, with `--segments` rule segments alone,
with `--experiences` what comes after identity, against one script that makes the same tables.
With `--simulation` it measures no speed: it draws experiments with a known lift, prints how often
the figures of lift are right, and fails where that is less often than they promise.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from jobs.config import load_settings
from jobs.demo import write_demo
from jobs.ingest.run import source_ids
from tests.bench.components import measure_components
from tests.bench.experiences import measure_experiences
from tests.bench.night import measure_nights
from tests.bench.report import (
    Figures,
    print_components,
    print_experiences,
    print_figures,
    print_segments,
    print_simulation,
    print_staging,
)
from tests.bench.segments import measure_segments
from tests.bench.simulation import missed_bounds, simulate
from tests.bench.staging import Resources, measure_staging
from tests.bench.timing import timed


def main() -> None:
    """Generate a landing zone in a temporary folder, measure on it and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--visitors", type=int, default=60_000, help="60000 make 1 M messages")
    parser.add_argument("--runs", type=int, default=3, help="the fastest of them counts")
    parser.add_argument("--staging", action="store_true", help="measure staging alone")
    parser.add_argument("--components", action="store_true", help="measure components alone")
    parser.add_argument("--links", type=int, default=10_000_000, help="of the components")
    parser.add_argument(
        "--plain-seconds", type=float, default=120, help="when the plain iteration is stopped"
    )
    parser.add_argument("--segments", action="store_true", help="measure rule segments alone")
    parser.add_argument("--persons", type=int, default=1_000_000, help="of the segments")
    parser.add_argument("--experiences", action="store_true", help="measure lift alone")
    parser.add_argument("--simulation", action="store_true", help="simulate experiments alone")
    parser.add_argument("--experiments", type=int, default=20_000, help="of each simulated lift")
    arguments = parser.parse_args()
    console = Console()
    if arguments.staging:
        _measure_staging_alone(console, arguments.visitors, arguments.runs)
        return
    if arguments.components:
        _measure_components_alone(console, arguments.links, arguments.plain_seconds)
        return
    if arguments.segments:
        _measure_segments_alone(console, arguments.persons, arguments.runs)
        return
    if arguments.experiences:
        _measure_experiences_alone(console, arguments.visitors)
        return
    if arguments.simulation:
        _simulate_alone(console, arguments.experiments)
        return
    with tempfile.TemporaryDirectory(prefix="lift-bench-") as folder:
        figures, resources = _measure(
            console, Path(folder), visitors=arguments.visitors, runs=arguments.runs
        )
    print_figures(console, figures, resources, arguments.runs)


def _measure_staging_alone(console: Console, visitors: int, runs: int) -> None:
    with tempfile.TemporaryDirectory(prefix="lift-bench-") as name:
        folder = Path(name)
        demo = write_demo(folder / "demo", visitors)
        settings = load_settings(demo.paths.settings)
        for memory_limit in (settings.resources.memory_limit, "1GB"):
            resources = Resources(settings.resources.threads, memory_limit)
            figures = measure_staging(
                demo.paths.landing, source_ids(settings), folder, resources, runs
            )
            print_staging(console, demo, figures, resources)


def _measure_components_alone(console: Console, links: int, plain_seconds: float) -> None:
    resources = Resources(threads=2, memory_limit="8GB")
    with tempfile.TemporaryDirectory(prefix="lift-bench-") as folder:
        components = measure_components(links, Path(folder), resources, plain_seconds)
    print_components(console, components, resources)


def _measure_segments_alone(console: Console, persons: int, runs: int) -> None:
    resources = Resources(threads=2, memory_limit="8GB")
    with tempfile.TemporaryDirectory(prefix="lift-bench-") as folder:
        segments = measure_segments(persons, Path(folder), resources, runs)
    print_segments(console, segments, resources)


def _measure_experiences_alone(console: Console, visitors: int) -> None:
    with tempfile.TemporaryDirectory(prefix="lift-bench-") as folder:
        figures, resources = measure_experiences(visitors, Path(folder))
    print_experiences(console, figures, resources)


def _simulate_alone(console: Console, experiments: int) -> None:
    resources = Resources(threads=2, memory_limit="4GB")
    with tempfile.TemporaryDirectory(prefix="lift-bench-") as folder:
        figures = simulate(experiments, Path(folder), resources)
    print_simulation(console, figures)
    if missed := missed_bounds(figures):
        sys.exit("\n".join(missed))


def _measure(
    console: Console, folder: Path, *, visitors: int, runs: int
) -> tuple[Figures, Resources]:
    with console.status("writing the demo"):
        written = [timed(lambda: write_demo(folder / "demo", visitors)) for _ in range(runs)]
    demo = written[0][1]
    settings = load_settings(demo.paths.settings)
    resources = Resources(settings.resources.threads, settings.resources.memory_limit)
    with console.status("staging"):
        staging = measure_staging(demo.paths.landing, source_ids(settings), folder, resources, runs)
    with console.status("the night"):
        night = measure_nights(settings, runs)
    return Figures(demo, min(seconds for seconds, _ in written), staging, night), resources


if __name__ == "__main__":
    main()
