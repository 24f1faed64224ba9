"""Writes a demo: a landing zone with a known lift, its configuration and its truth."""

from pathlib import Path

from jobs.demo.company import LAYOUTS
from jobs.demo.target import DemoSummary, claim_target


def write_demo(
    target: Path,
    visitors: int = 20_000,
    days: int = 30,
    seed: int = 7,
    layout: str = "raw",
) -> DemoSummary:
    """Write `landing/`, `lift.yml` and `truth.json` into `target`.

    The same arguments write the same bytes: the last day is always 2026-06-30, whatever the clock
    says. A folder that an earlier demo has left is written again in place: that demo's landed files
    are replaced.

    Raises:
        DemoTargetError: `target` holds something else; nothing was changed.
        ValueError: an argument is out of range, or `layout` is unknown.
    """
    if layout not in LAYOUTS:
        raise ValueError(f"unknown layout {layout!r}; choose one of: {', '.join(LAYOUTS)}")
    if visitors < 1:
        raise ValueError(f"visitors is {visitors}; a demo needs at least one")
    if days < 1:
        raise ValueError(f"days is {days}; a demo needs at least one")
    if seed < 0:
        raise ValueError(f"seed is {seed}; give a number that is not negative")

    # The generator's libraries take long to load; no other command should wait for them.
    from jobs.demo.landing import remove_landing, write_landing
    from jobs.demo.settings_file import write_settings
    from jobs.demo.simulation import simulate_company
    from jobs.demo.truth import derive_truth, write_truth

    paths = claim_target(target)
    simulation = simulate_company(visitors, days, seed)
    # The truth first: it marks the folder as a demo's, should the landing be cut short.
    write_truth(paths.truth, derive_truth(simulation))
    write_settings(paths.settings, layout)
    remove_landing(paths.landing)
    landed = write_landing(paths.landing, simulation, layout)
    return DemoSummary(
        messages=simulation.rows.height,
        files=landed.files,
        bytes=landed.bytes,
        visitors=visitors,
        paths=paths,
    )
