"""The scheduled job: ingest, build, check, publish, export."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jobs.build import Progress, build_models
from jobs.export import export_marts
from jobs.ingest import check_reject_share, ingest
from jobs.publish import mart_tables, publish
from jobs.runs import RunRecord, end_run, run_record
from jobs.settings import Settings
from jobs.warehouse import open_warehouse, run_lock

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class NightReport:
    """What one night did and where it lies."""

    record: RunRecord
    publication: Path
    exports: Path


def nightly(
    settings: Settings,
    *,
    full_refresh: bool = False,
    step: Step = lambda name: None,
    progress: Progress | None = None,
) -> NightReport:
    """Run the night from the landing zone to the exports.

    Raises:
        LockedError: another run holds the lock.
        JobError: a step failed; the previous publication is untouched.
    """
    with run_lock(settings), run_record(settings) as record:
        with _timed(record, "ingest", step):
            record.ingest = ingest(settings, full_refresh=full_refresh)
            check_reject_share(settings)
        with _timed(record, "build", step):
            record.build = build_models(settings, full_refresh=full_refresh, progress=progress)
        with _timed(record, "publish", step):
            with open_warehouse(settings) as con:
                record.tables_published = len(mart_tables(con))
            end_run(settings, record, "published")
            published = publish(settings, record.run_id)
        with _timed(record, "export", step):
            exported = export_marts(settings)
        return NightReport(record, published.path, exported.folder)


@contextmanager
def _timed(record: RunRecord, name: str, step: Step) -> Iterator[None]:
    step(name)
    started = time.monotonic()
    yield
    record.steps[name] = time.monotonic() - started


if __name__ == "__main__":
    from jobs.command import main

    main(["nightly", *sys.argv[1:]])
