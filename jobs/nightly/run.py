"""The scheduled job: ingest, build, check, publish, export; only ingest if nothing is new."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ingest.progress import SILENT, Progress
from jobs.build.run import build_models
from jobs.config import Settings
from jobs.export.run import export_marts
from jobs.ingest.run import check_reject_share, ingest
from jobs.nightly.record import RunRecord, end_run, run_record
from jobs.nightly.unchanged import (
    forget_last_night,
    has_nothing_new,
    inputs_of,
    keep_night,
    outputs_of,
)
from jobs.publication import published_file
from jobs.publish.run import marts_of, publish
from jobs.segment_sync.run import SegmentReport
from jobs.warehouse import open_marts, run_lock


@dataclass(frozen=True, slots=True)
class NightReport:
    """What one night did, and where it wrote.

    `is_new` is false if the publication and its exports were those of the landing zone already.
    """

    record: RunRecord
    publication: Path
    exports: Path
    segments: SegmentReport = field(default_factory=SegmentReport)
    is_new: bool = True


def nightly(
    settings: Settings, *, full_refresh: bool = False, progress: Progress = SILENT
) -> NightReport:
    """Run the night from the landing zone to the exports, or to where nothing is new.

    Raises:
        LockedError: another run holds the lock.
        JobError: a step failed; the previous publication is unchanged.
    """
    with run_lock(settings), run_record(settings) as record:
        last = forget_last_night(settings)
        with _timed(record, "ingest", progress):
            record.ingest = ingest(settings, full_refresh=full_refresh, progress=progress)
            check_reject_share(settings)
            inputs = inputs_of(settings)
        if last and not full_refresh and has_nothing_new(settings, last, inputs):
            keep_night(settings, last)
            end_run(settings, record, "nothing_new")
            exports = settings.publish / "exports"
            return NightReport(record, published_file(settings), exports, is_new=False)
        with _timed(record, "build", progress):
            record.build = build_models(
                settings, full_refresh=full_refresh, run_id=record.run_id, progress=progress
            )
        with _timed(record, "publish", progress):
            with open_marts(settings) as con:
                record.tables_published = len(marts_of(con))
            end_run(settings, record, "published")
            published = publish(settings)
        with _timed(record, "export", progress):
            exported = export_marts(settings)
        keep_night(settings, (inputs, outputs_of(settings)))
        return NightReport(record, published.path, exported.folder, exported.segments)


@contextmanager
def _timed(record: RunRecord, name: str, progress: Progress) -> Iterator[None]:
    progress.step(name)
    started = time.monotonic()
    yield
    record.steps[name] = time.monotonic() - started
