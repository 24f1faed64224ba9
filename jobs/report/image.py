"""Draws the chart and the verdict of an experience as one image, for a chat or a slide."""

import textwrap
from pathlib import Path

from jobs.config import Settings
from jobs.config.base import did_you_mean, ended
from jobs.errors import JobError, UsageError
from jobs.files import put_in_place
from jobs.publication import read_publication
from jobs.report import words
from jobs.report.charts import draw_png, lift_spec
from jobs.report.parts import page_of
from jobs.report.read import Study, read_report

WIDTH, HEIGHT = 860, 380
LETTERS = 112


def make_images(settings: Settings, experience: str, folder: Path) -> list[Path]:
    """Draw every vendor and period of an experience into a folder, a file for each variant.

    Raises:
        UsageError: no experience has that name, or it has no verdict to draw.
        JobError: nothing has been published yet, or a file cannot be written.
    """
    with read_publication(settings) as con:
        published = read_report(con, settings)
    found = [study for study in published.studies if study.about["experience"] == experience]
    if not found:
        known = [study.about["experience"] for study in published.studies]
        remedy = words.name(ended(did_you_mean(experience, known)))
        raise UsageError(f"No experience is called {words.name(experience)}; {remedy}")
    if not any(study.main for study in found):
        raise UsageError(
            f"{words.name(experience)} has no verdict to draw: no conversion is configured;"
            " add one to conversions in lift.yml."
        )
    return [path for study in found for path in _images(study, settings, folder)]


def _images(study: Study, settings: Settings, folder: Path) -> list[Path]:
    paths = []
    for place, row in enumerate(study.main):
        days = [day for day in study.parts["days"] if day["variant"] == row["variant"]]
        several = len(study.main) > 1
        variant = f", {words.name(row['variant'])}" if several else ""
        headline = f"{words.title(study.about)}{variant}: {words.verdict(row['status'])}"
        lines = [
            *textwrap.wrap(words.sentence(row), LETTERS),
            f"{words.name(row['conversion'])}, everybody, to {words.day(row['as_of_date'])}.",
        ]
        png = draw_png(lift_spec(days, WIDTH, HEIGHT), headline, lines)
        ending = f"-{place + 1}.png" if several else ".png"
        path = folder / page_of(study).replace(".html", ending)
        fresh = path.with_name(f".{path.name}.new")
        try:
            fresh.write_bytes(png)
            put_in_place(fresh, path)
        except OSError as error:
            raise JobError(
                f"{path} could not be written ({error.strerror}); free the space or the folder."
            ) from error
        paths.append(path)
    return paths
