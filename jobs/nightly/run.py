"""The scheduled job: ingest, build, check, publish, export, alert."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingest.progress import SILENT, Progress
from jobs.alerts.run import alert_of_failure, alert_of_night
from jobs.build.run import build_models
from jobs.config import Settings
from jobs.export.run import check_formats, export_marts
from jobs.ingest.run import check_reject_share, ingest
from jobs.nightly.record import RunRecord, end_run, run_record
from jobs.publish.run import marts_of, publish
from jobs.segment_sync.run import SegmentReport
from jobs.warehouse import open_marts, run_lock

log = logging.getLogger("jobs.nightly")

FINDINGS = "select severity, count(*) from dq_findings group by all order by all"
VERDICTS = """
select status, count(*) from fct_experience_lift
where is_main and metric = 'conversion_rate' group by all order by all
"""


@dataclass(frozen=True, slots=True)
class NightReport:
    """What one night did, and where it wrote."""

    record: RunRecord
    publication: Path
    exports: Path
    segments: SegmentReport = field(default_factory=SegmentReport)


def nightly(
    settings: Settings, *, full_refresh: bool = False, progress: Progress = SILENT
) -> NightReport:
    """Run the night from the landing zone to the exports.

    Raises:
        LockedError: another run holds the lock.
        JobError: a step failed; the previous publication is unchanged.
    """
    check_formats(settings)
    with (
        alert_of_failure(settings),
        run_lock(settings, "lift nightly"),
        run_record(settings) as record,
    ):
        with _timed(record, "ingest", progress):
            record.ingest = ingest(settings, full_refresh=full_refresh, progress=progress)
            check_reject_share(settings)
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
        end_run(settings, record, "published")
        _log_end(record, published.path)
        alert_of_night(settings, published.path, record.run_id)
        return NightReport(record, published.path, exported.folder, exported.segments)


@contextmanager
def _timed(record: RunRecord, name: str, progress: Progress) -> Iterator[None]:
    progress.step(name)
    started = time.monotonic()
    yield
    seconds = record.steps[name] = time.monotonic() - started
    fields = {"run_id": record.run_id, "step": name, "seconds": round(seconds, 3)}
    log.info("%s ended after %.1f s", name, seconds, extra={"fields": fields})


def _log_end(record: RunRecord, published: Path) -> None:
    """Log what a monitor counts: rows, findings by severity, verdicts by status."""
    if not log.isEnabledFor(logging.INFO):
        return
    with duckdb.connect(str(published), read_only=True) as con:
        findings, verdicts = (dict(con.execute(query).fetchall()) for query in (FINDINGS, VERDICTS))
    ingest = record.ingest
    fields = {
        "run_id": record.run_id,
        "outcome": "published",
        "seconds": round(sum(record.steps.values()), 3),
        "rows": ingest and ingest.rows_landed,
        "rejected": ingest and ingest.rows_rejected,
        "findings": findings,
        "verdicts": verdicts,
    }
    log.info("published %s", published, extra={"fields": fields})
