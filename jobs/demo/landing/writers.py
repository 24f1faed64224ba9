"""The writer of every layout."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jobs.demo.landing.data_lakes import write_data_lakes
from jobs.demo.landing.raw import write_raw
from jobs.demo.landing.s3 import write_s3
from jobs.demo.simulation import Simulation

WRITERS: dict[str, Callable[[Path, Simulation], Iterator[Path]]] = {
    "raw": write_raw,
    "data-lakes": write_data_lakes,
    "s3": write_s3,
}
"""By layout, what writes the messages below a folder and yields every file once it is written."""


@dataclass(frozen=True)
class Landed:
    """How much a landing zone holds."""

    files: int
    bytes: int


def write_landing(landing: Path, simulation: Simulation, layout: str) -> Landed:
    """Write every message of `simulation` below `landing`, in one of the layouts of `WRITERS`."""
    sizes = [path.stat().st_size for path in WRITERS[layout](landing, simulation)]
    return Landed(files=len(sizes), bytes=sum(sizes))
