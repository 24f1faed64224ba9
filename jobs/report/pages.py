"""What the overview and the pages of one subject show."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from jobs.config import Settings
from jobs.report import small_charts, words
from jobs.report.parts import (
    ROWS,
    Page,
    bridge_of,
    by_variant,
    forest_of,
    grouped,
    left_of,
    page_of,
)
from jobs.report.read import Published, Record, Study
from jobs.words import VERDICTS

INDEX = "index.html"
PAGES = (
    (INDEX, "Experiences"),
    ("segments.html", "User segments"),
    ("identity.html", "Identity"),
    ("quality.html", "Data quality"),
    ("integrations.html", "Integrations"),
)


def overview(published: Published, settings: Settings) -> Page:
    """Return the list of experiences, those that changed since the last publication first."""
    listed: list[tuple[Any, Page]] = []
    for study in published.studies:
        days = by_variant(study.parts["days"])
        rows: list[Record | None] = [*study.main] or [None]
        for row in rows:
            entry = {
                "href": page_of(study),
                "title": words.title(study.about),
                "about": study.about,
                "row": row,
                "variant": row["variant"] if row and len(study.main) > 1 else None,
                "forest": row and forest_of(row),
                "spark": row and small_charts.running_line(days.get(row["variant"], [])),
                "left": left_of(study, row),
                **_change(study, row),
            }
            listed.append(((*entry.pop("rank"), -_seen(study), entry["title"]), entry))
    listed.sort(key=lambda pair: pair[0])
    entries = [entry for _, entry in listed]
    statuses = [status for status in VERDICTS if _any(entries, status)]
    return {
        "entries": entries,
        "statuses": statuses,
        "vendors": sorted({study.about["vendor"] for study in published.studies}),
        "has_previous": published.has_previous,
        "publication": published.publication,
        "runs": published.overall["runs"],
        "alpha": settings.statistics.alpha,
        "power": settings.statistics.power,
        "changed": sum(entry["is_changed"] for entry in entries),
    }


def segments(published: Published) -> Page:
    """Return the user segments with their sizes over the last days."""
    overall = published.overall
    days: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for row in overall["segment_days"]:
        days[row["origin"], row["user_segment"]].append(row)
    return {
        "publication": published.publication,
        "segments": [
            {
                **row,
                "days": days[row["origin"], row["user_segment"]],
                "line": small_charts.size_line(
                    [day["size"] for day in days[row["origin"], row["user_segment"]]]
                ),
            }
            for row in overall["user_segments"]
        ],
    }


def whole(published: Published) -> Page:
    """Return what the pages on identity, quality and integrations show."""
    overall = published.overall
    return {
        **overall,
        "publication": published.publication,
        "merge_weeks": [
            (week, sum(row["merges"] for row in rows))
            for week, rows in grouped(overall["merges"], "week")
        ],
        "destinations": grouped(overall["deliveries"], "destination"),
        "bridges": [
            {"title": words.title(study.about), "href": page_of(study), "arms": arms}
            for study in published.studies
            if (arms := bridge_of(study))
        ][:ROWS],
    }


def _change(study: Study, row: Record | None) -> Page:
    """Return what changed since the previous publication, in words, and how it is ranked."""
    if study.previous is None:
        return {"change": None, "is_changed": False, "rank": _rank(3, 0.0, row)}
    if row is None:
        return {"change": "", "is_changed": False, "rank": _rank(3, 0.0, row)}
    before = study.previous.get(row["variant"])
    if before is None:
        return {"change": "new", "is_changed": True, "rank": _rank(1, 0.0, row)}
    if before["previous_status"] != row["status"]:
        was = f"was: {words.verdict(before['previous_status'])}"
        return {"change": was, "is_changed": True, "rank": _rank(0, 0.0, row)}
    visitors = row["control_visitors"] + row["variant_visitors"] - before["previous_visitors"]
    moved = abs((row["lift"] or 0.0) - (before["previous_lift"] or 0.0))
    if not visitors and not moved:
        return {"change": "unchanged", "is_changed": False, "rank": _rank(3, 0.0, row)}
    moved_on = f"{words.change(visitors)} visitors, lift was {words.lift(before['previous_lift'])}"
    return {"change": moved_on, "is_changed": True, "rank": _rank(2, -moved, row)}


def _rank(kind: int, moved: float, row: Record | None) -> tuple[int, float, int]:
    statuses = list(VERDICTS)
    return kind, moved, statuses.index(row["status"]) if row else len(statuses)


def _seen(study: Study) -> float:
    seen = study.about["last_seen_at"]
    return (seen - datetime.min).total_seconds() if seen else 0.0


def _any(entries: list[Page], status: str) -> bool:
    return any(entry["row"] and entry["row"]["status"] == status for entry in entries)
