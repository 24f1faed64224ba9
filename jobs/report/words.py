"""How the report writes figures, dates and names, and its sentences. Nothing is computed here."""

import hashlib
import json
import re
import unicodedata
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from ingest.sql import literal
from jobs.config import Settings
from jobs.explain.figures import Row, why
from jobs.words import VERDICTS, count_of, printable

MISSING = "\N{EN DASH}"
LONGEST = 160

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

# A mark for each verdict, so that colour never says it alone: (mark, class).
MARKS = {
    "winner": ("▲", "win"),
    "loser": ("▼", "lose"),
    "inconclusive": ("●", "open"),
    "insufficient_data": ("○", "open"),
}
BROKEN = ("◆", "broken")

METRICS = {
    "conversion_rate": "conversion rate",
    "conversions_per_visitor": "conversions per visitor",
    "value_per_visitor": "value per visitor",
    "value_per_conversion": "value per conversion",
}


def name(text: str | None) -> str:
    """Return a name of the data as it may be shown: nothing in it steers, and it is not endless."""
    if text is None:
        return MISSING
    shown = printable(" ".join(text.split()) or text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


def segment(text: str) -> str:
    """Return an audience segment as it is shown."""
    return "Everybody" if text == "(all)" else name(text)


def words(text: str | None) -> str:
    """Return a name of the project as words: `no_person` becomes `no person`."""
    return MISSING if text is None else name(text.replace("_", " "))


def number(value: float | None) -> str:
    """Return a count, or an amount with two decimals."""
    if value is None:
        return MISSING
    return _minus(f"{value:,}" if isinstance(value, int) else f"{value:,.2f}")


def change(value: float | None) -> str:
    """Return a difference with its sign."""
    if value is None:
        return MISSING
    if value == 0:
        return "0"
    return _minus(f"{value:+,}" if isinstance(value, int) else f"{value:+,.2f}")


def percent(value: float | None) -> str:
    """Return a share."""
    return MISSING if value is None else _minus(f"{value:.1%}")


def lift(value: float | None) -> str:
    """Return a lift with its sign."""
    return MISSING if value is None else _minus(f"{value:+,.1%}")


def mean(value: float | None, metric: str) -> str:
    """Return the mean of a metric in its unit."""
    if value is None:
        return MISSING
    if metric == "conversion_rate":
        return percent(value)
    return _minus(f"{value:,.3f}" if metric == "conversions_per_visitor" else f"{value:,.2f}")


def p_value(value: float | None) -> str:
    """Return a p-value with two digits that count."""
    return MISSING if value is None else f"{value:.2g}" if value >= 0.0001 else "< 0.0001"


def bounds(lower: float | None, upper: float | None) -> str:
    """Return an interval of lifts."""
    if lower is None and upper is None:
        return MISSING
    return f"{lift(lower)} to {lift(upper)}"


def day(value: date | None) -> str:
    """Return a date in words."""
    return MISSING if value is None else f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime | None) -> str:
    """Return a time in words."""
    return MISSING if value is None else f"{day(value)}, {value:%H:%M} UTC"


def duration(seconds: float | None) -> str:
    """Return a number of seconds in the unit that fits."""
    if seconds is None:
        return MISSING
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {unit}"
    return f"{seconds:,.1f} seconds"


def days_left(days: int | None) -> str:
    """Return a number of days, in years where it is long."""
    if days is None:
        return "no traffic"
    return f"{days / 365.25:,.0f} years" if days > 730 else count_of(days, "day")


def verdict(status: str) -> str:
    """Return a status in words."""
    return VERDICTS[status]


def mark(status: str) -> str:
    """Return the mark of a status."""
    return MARKS.get(status, BROKEN)[0]


def tone(status: str) -> str:
    """Return the class that colours a status."""
    return MARKS.get(status, BROKEN)[1]


def title(study: dict[str, Any]) -> str:
    """Return what an experience is called, with its vendor where there are several."""
    vendor = f" ({name(study['vendor'])})" if study["has_vendors"] else ""
    since = f" since {day(study['period'])}" if study["period"] else ""
    return f"{name(study['experience'])}{vendor}{since}"


def page_name(vendor: str, experience: str, period: date | None) -> str:
    """Return the file name of a page: readable, safe, and another one for each key.

    Two names that only differ in case get two files on any file system.
    """
    key = json.dumps([vendor, experience, period and str(period)])
    digest = hashlib.sha256(key.encode()).hexdigest()[:10]
    plain = unicodedata.normalize("NFKD", experience).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:40].strip("-")
    return f"experience-{slug}-{digest}.html" if slug else f"experience-{digest}.html"


def sentence(row: dict[str, Any]) -> str:
    """Return the result of a row in one sentence that can be forwarded."""
    variant = "Personalized" if row["variant"] == "personalized" else name(row["variant"])
    if row["control_mean"] is None or row["variant_mean"] is None:
        return f"{verdict(row['status'])}."
    rates = (
        f"{variant} converts {percent(row['variant_mean'])} of"
        f" {count_of(row['variant_visitors'], 'visitor')} against"
        f" {percent(row['control_mean'])} of {row['control_visitors']:,} in control"
    )
    if row["lift"] is None:
        return f"{rates}."
    moved = "a lift" if row["lift"] >= 0 else "a loss"
    lower, upper = row["running_ci_lower"], row["running_ci_upper"]
    if lower is None or upper is None:
        return f"{rates}, {moved} of {lift(row['lift'])}. There is no running interval yet."
    holds = "includes" if lower <= 0 <= upper else "excludes"
    return (
        f"{rates}, {moved} of {lift(row['lift'])}. The running interval, {bounds(lower, upper)},"
        f" {holds} no effect."
    )


def reason(row: dict[str, Any], settings: Settings, mismatch: str) -> str:
    """Return the rule that gave a row its status, as `lift explain` words it."""
    figures = Row(**{field.name: row[field.name] for field in fields(Row)})
    found = why(figures, settings, mismatch)
    return f"{found[:1].upper()}{found[1:]}."


def equals(column: str, value: object) -> str:
    """Return the SQL condition that finds a value, readable wherever the value is."""
    if value is None:
        return f"{column} is null"
    text = str(value)
    if not text.isprintable() or len(text) > LONGEST:
        digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        return f"md5({column}) = '{digest}'"
    return f"{column} = {literal(text)}"


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
