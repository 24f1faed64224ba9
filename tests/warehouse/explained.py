"""The last steps of `lift explain experience` beside the figures they lead to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from jobs.config import Settings
from jobs.explain.experience import explain_experience
from jobs.explain.grains import EVERYBODY
from tests.warehouse.nights import published

ARMS = ("control", "personalized")
Counts = list[tuple[int, int]]


def published_grains(publication: Path) -> list[tuple[str, str]]:
    """Every experience and audience segment, `(all)` included."""
    rows = published(
        publication,
        "select distinct experience, audience_segment from fct_experience_lift order by all",
    )
    return [(row["experience"], row["audience_segment"]) for row in rows]


def unlike_their_figures(
    settings: Settings, grains: Iterable[tuple[str, str]]
) -> list[tuple[str, str, str, Counts, Counts]]:
    """Conversions whose chain does not end in the visitors and converters of `fct_experience_lift`.

    Each with its experience, audience segment and both counts, as (visitors, converters) by arm.
    """
    found = []
    for experience, segment in grains:
        asked = None if segment == EVERYBODY else segment
        for study in explain_experience(settings, experience, asked).studies:
            if not study.variants:
                continue  # nobody is assigned: it has no figures
            visitors: Counter[str] = Counter()
            for variant in study.variants:
                visitors[variant.arm] += variant.counted
            for conversion in study.conversions:
                told = [(visitors[arm], conversion.converters.get(arm, 0)) for arm in ARMS]
                rows = [
                    figure.row
                    for figure in conversion.figures
                    if figure.row.metric == "conversion_rate"
                ]
                assert rows, (experience, segment, conversion.settings.name)
                # Every variant is compared with the same control.
                shown = [
                    (rows[0].control_visitors, rows[0].control_converters),
                    (
                        sum(row.variant_visitors for row in rows),
                        sum(row.variant_converters for row in rows),
                    ),
                ]
                if told != shown:
                    found.append((experience, segment, conversion.settings.name, told, shown))
    return found
