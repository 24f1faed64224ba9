"""What stands on the page of an experience, from its verdict to the SQL that gives its figures."""

from jobs.config import Settings
from jobs.explain.experience import OUTCOMES
from jobs.report import small_charts, words
from jobs.report.charts import Spec, lift_spec, rates_spec
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

KEY_COLUMNS = ("vendor", "experience", "period")
MODELS = ("first", "last", "linear", "any")


def experience(study: Study, published: Published, settings: Settings) -> tuple[Page, list[Spec]]:
    """Return the page of an experience, and its charts: one of lift per variant, one of rates."""
    parts = study.parts
    days = by_variant(parts["days"])
    charts = [lift_spec(rows) for rows in days.values()]
    if days:
        charts.append(rates_spec(list(days.values())))
    everybody = [row for row in parts["lifts"] if row["audience_segment"] == "(all)"]
    vendor = study.about["vendor"]
    return {
        "title": words.title(study.about),
        "about": study.about,
        "has_variants": len(study.main) > 1,
        "verdicts": [
            {
                "row": row,
                "sentence": words.sentence(row),
                "reason": words.reason(row, settings, study.mismatch),
            }
            for row in study.main
        ],
        "left": left_of(study, study.main[0] if study.main else None),
        "days": days,
        "everybody": [_drawn(row) for row in everybody],
        "segments": [_drawn(row) for row in _main_rows(parts["lifts"])],
        "breakdowns": _breakdowns(parts["breakdowns"]),
        "funnel": _funnel(study, published),
        "arms": parts["arms"],
        "ratios": parts["ratios"],
        "findings": parts["study_findings"],
        "credits": [
            (conversion, {row["model"]: row for row in rows})
            for conversion, rows in grouped(parts["credits"], "conversion")
        ],
        "models": MODELS,
        "bridge": bridge_of(study),
        "weeks": parts["weeks"][:ROWS],
        "vendor_rows": [
            row for row in published.overall["reconciliation"] if row["vendor"] == vendor
        ],
        "others": [
            {"href": page_of(other), "title": words.title(other.about)}
            for other in published.studies
            if other.about["experience"] == study.about["experience"] and other.key != study.key
        ],
        "conditions": [words.equals(name, study.about[name]) for name in KEY_COLUMNS],
        "alpha": settings.statistics.alpha,
        "power": settings.statistics.power,
    }, charts


def _drawn(row: Record) -> Page:
    return {**row, "forest": forest_of(row)}


def _main_rows(lifts: list[Record]) -> list[Record]:
    rows = [row for row in lifts if row["is_main"] and row["metric"] == "conversion_rate"]
    return rows[:ROWS]


def _breakdowns(rows: list[Record]) -> list[tuple[str, list[Page]]]:
    return [
        (
            name,
            [
                {
                    **row,
                    "forest": small_charts.interval(
                        row["lift"], row["lift_ci_lower"], row["lift_ci_upper"],
                        is_for_one_look=True,
                    ),
                }
                for row in found[:ROWS]
            ],
        )
        for name, found in grouped(rows, "breakdown")
    ]  # fmt: skip


def _funnel(study: Study, published: Published) -> Page:
    """Return what became of the views and of each conversion, from landed to counted."""
    views = {
        outcome: sum(row["messages"] for row in rows)
        for outcome, rows in grouped(
            sorted(study.parts["views"], key=lambda row: str(row["outcome"])), "outcome"
        )
    }
    incomplete = [
        row for row in published.overall["incomplete"] if row["vendor"] == study.about["vendor"]
    ]
    raw = {
        row["conversion"]: row["raw"]
        for row in published.overall["reconciliation"]
        if row["vendor"] == study.about["vendor"]
    }
    conversions = []
    has_units = len({row["unit_type"] for row in study.parts["outcomes"]}) > 1
    for conversion, of_conversion in grouped(study.parts["outcomes"], "conversion"):
        for unit_type, rows in grouped(of_conversion, "unit_type"):
            outcomes = {row["outcome"]: row["conversions"] for row in rows}
            landed = raw.get(conversion)
            conversions.append(
                {
                    "name": conversion,
                    "unit_type": unit_type if has_units else None,
                    "landed": landed,
                    "copies": None if landed is None else sum(outcomes.values()) - landed,
                    "outcomes": {each: -outcomes.get(each, 0) for each in OUTCOMES},
                    "counted": outcomes.get("counted", 0),
                }
            )
    return {
        "views": views,
        "incomplete": incomplete,
        "conversions": conversions,
        "outcomes": [
            each
            for each in OUTCOMES
            if each != "counted" and any(found["outcomes"][each] for found in conversions)
        ],
    }
