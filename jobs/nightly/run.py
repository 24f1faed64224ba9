"""The scheduled job, from ingest to the report; only ingest if nothing is new."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingest.progress import SILENT, Progress
from jobs.alerts.run import alert_of_failure, alert_of_night, ping
from jobs.build.run import build_models
from jobs.config import Settings
from jobs.export.run import check_formats, export_folder, export_marts
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
from jobs.report.run import make_report, report_index
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
    """What one night did, and where it wrote.

    `is_new` is false if the publication and its exports were those of the landing zone already.
    """

    record: RunRecord
    publication: Path
    exports: Path
    report: Path
    segments: SegmentReport = field(default_factory=SegmentReport)
    is_new: bool = True


def nightly(
    settings: Settings, *, full_refresh: bool = False, progress: Progress = SILENT
) -> NightReport:
    """Run the night from the landing zone to the report, or to where nothing is new.

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
        last = forget_last_night(settings)
        with _timed(record, "ingest", progress):
            record.ingest = ingest(settings, full_refresh=full_refresh, progress=progress)
            check_reject_share(settings)
            inputs = inputs_of(settings)
        if last and not full_refresh and has_nothing_new(settings, last, inputs):
            keep_night(settings, last)
            end_run(settings, record, "nothing_new")
            kept, exports = published_file(settings), export_folder(settings)
            _log_end(record, "nothing_new", kept)
            ping(settings)
            return NightReport(record, kept, exports, report_index(settings), is_new=False)
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
        with _timed(record, "report", progress):
            report = make_report(settings)
        end_run(settings, record, "published")
        _log_end(record, "published", published.path)
        alert_of_night(settings, published.path, record.run_id)
        keep_night(settings, (inputs, outputs_of(settings)))
        return NightReport(record, published.path, exported.folder, report.index, exported.segments)


@contextmanager
def _timed(record: RunRecord, name: str, progress: Progress) -> Iterator[None]:
    progress.step(name)
    started = time.monotonic()
    yield
    seconds = record.steps[name] = time.monotonic() - started
    fields = {"run_id": record.run_id, "step": name, "seconds": round(seconds, 3)}
    log.info("%s ended after %.1f s", name, seconds, extra={"fields": fields})


def _log_end(record: RunRecord, outcome: str, published: Path) -> None:
    """Log what a monitor counts: rows, findings by severity, verdicts by status."""
    if not log.isEnabledFor(logging.INFO):
        return
    with duckdb.connect(str(published), read_only=True) as con:
        findings, verdicts = (dict(con.execute(query).fetchall()) for query in (FINDINGS, VERDICTS))
    ingest = record.ingest
    fields = {
        "run_id": record.run_id,
        "outcome": outcome,
        "seconds": round(sum(record.steps.values()), 3),
        "rows": ingest and ingest.rows_landed,
        "rejected": ingest and ingest.rows_rejected,
        "findings": findings,
        "verdicts": verdicts,
    }
    log.info("%s: %s", outcome, published, extra={"fields": fields})
