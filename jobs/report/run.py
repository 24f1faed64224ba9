"""Write the report: a page for the overview, one for each experience and one for each subject.

A page whose data and template did not change keeps its bytes: it is neither rendered nor written.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.error_text import first_line
from jobs.config import Settings
from jobs.errors import JobError
from jobs.files import OwnFiles
from jobs.publication import connect_publication
from jobs.report import pages
from jobs.report.charts import Spec
from jobs.report.experience_page import experience as experience_page
from jobs.report.parts import Page, page_of
from jobs.report.read import Published, read_report
from jobs.report.render import fingerprint, render

log = logging.getLogger(__name__)

_FINGERPRINT = re.compile(r'<meta name="fingerprint" content="([0-9a-f]{64})">')
_HEAD = 600


class ReportError(JobError):
    """A page could not be written; those of the previous report are complete."""


@dataclass(frozen=True, slots=True)
class ReportSummary:
    """Where the report begins, how many pages it has, and how many of them were written."""

    index: Path
    pages: int
    written: int


@dataclass(frozen=True, slots=True)
class _Page:
    template: str
    data: Page
    charts: list[Spec]


def make_report(settings: Settings) -> ReportSummary:
    """Write the pages that changed and remove those of experiences that are gone.

    Raises:
        JobError: nothing has been published yet.
        ReportError: a page cannot be written, or somebody else's file has its name.
    """
    folder = report_index(settings).parent
    try:
        with connect_publication(settings) as con:
            published = read_report(con, settings)
        folder.mkdir(parents=True, exist_ok=True)
        own = OwnFiles(folder)
        drawn = dict(_pages(published, settings))
        if foreign := own.claim(drawn):
            raise ReportError(
                f"{folder / foreign[0]} would be replaced, but this job did not write it;"
                " move it to another folder and run `lift report`."
            )
        written = sum(_write(own, name, page) for name, page in drawn.items())
        own.remove_all_but(drawn)
    except (OSError, duckdb.Error) as error:
        raise ReportError(
            f"The report in {folder} could not be written ({first_line(error)});"
            " free the space or the folder and run `lift report`."
        ) from error
    log.info("wrote %d of %d pages to %s", written, len(drawn), folder)
    return ReportSummary(report_index(settings), len(drawn), written)


def report_index(settings: Settings) -> Path:
    """Return the page on which the report begins."""
    return settings.publish / "report" / pages.INDEX


def _pages(published: Published, settings: Settings) -> Iterator[tuple[str, _Page]]:
    for study in published.studies:
        data, charts = experience_page(study, published, settings)
        yield page_of(study), _Page("experience", data, charts)
    whole = pages.whole(published)
    yield "segments.html", _Page("segments", pages.segments(published), [])
    for name in ("identity", "quality", "integrations"):
        yield f"{name}.html", _Page(name, whole, [])
    # Last: a link of the overview leads to a page that is there.
    yield pages.INDEX, _Page("index", pages.overview(published, settings), [])


def _write(own: OwnFiles, name: str, page: _Page) -> bool:
    """Write a page unless the one of that name shows the same; return whether it was written."""
    mark = fingerprint(page.template, page.data, page.charts)
    target = own.folder / name
    before = target.read_text(encoding="utf-8") if target.is_file() else ""
    found = _FINGERPRINT.search(before[:_HEAD])
    if found and found[1] == mark:
        return False
    html = render(page.template, name, page.data, page.charts, mark, before)
    own.pending(name).write_text(html, encoding="utf-8", newline="\n")
    own.commit(name)
    return True
