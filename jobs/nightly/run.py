"""The scheduled job: ingest, build, check, publish, export."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ingest.progress import Staged
from jobs.build.run import build_models
from jobs.config import Settings
from jobs.export.run import export_marts
from jobs.ingest.run import check_reject_share, ingest
from jobs.nightly.record import RunRecord, end_run, run_record
from jobs.publish.run import marts_of, publish
from jobs.segment_sync.run import SegmentReport
from jobs.warehouse import open_marts, run_lock


class Watch(Protocol):
    """Whoever wants to know how far the night is."""

    def step(self, name: str) -> None:
        """A step begins."""

    def staged(self, so_far: Staged) -> None:
        """So many messages are staged."""

    def built(self, node: str, index: int, total: int) -> None:
        """A model or check is done, the `index`-th of `total`."""


class Nobody:
    """A watch that looks away."""

    def step(self, name: str) -> None:
        """Do nothing."""

    def staged(self, so_far: Staged) -> None:
        """Do nothing."""

    def built(self, node: str, index: int, total: int) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class NightReport:
    """What one night did and where it lies."""

    record: RunRecord
    publication: Path
    exports: Path
    segments: SegmentReport = field(default_factory=SegmentReport)


def nightly(
    settings: Settings,
    *,
    full_refresh: bool = False,
    watch: Watch | None = None,
) -> NightReport:
    """Run the night from the landing zone to the exports.

    Raises:
        LockedError: another run holds the lock.
        JobError: a step failed; the previous publication is untouched.
    """
    watch = watch or Nobody()
    with run_lock(settings), run_record(settings) as record:
        with _timed(record, "ingest", watch):
            record.ingest = ingest(settings, full_refresh=full_refresh, progress=watch.staged)
            check_reject_share(settings)
        with _timed(record, "build", watch):
            record.build = build_models(
                settings,
                full_refresh=full_refresh,
                run_id=record.run_id,
                progress=watch.built,
            )
        with _timed(record, "publish", watch):
            with open_marts(settings) as con:
                record.tables_published = len(marts_of(con))
            end_run(settings, record, "published")
            published = publish(settings)
        with _timed(record, "export", watch):
            exported = export_marts(settings)
        return NightReport(record, published.path, exported.folder, exported.segments)


@contextmanager
def _timed(record: RunRecord, name: str, watch: Watch) -> Iterator[None]:
    watch.step(name)
    started = time.monotonic()
    yield
    record.steps[name] = time.monotonic() - started
