"""What the report shows, read from the publication: every statement once, whatever it is about."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from jobs.config import Settings
from jobs.explain.figures import mismatch_words
from jobs.explain.grains import EVERYBODY, Grain
from jobs.plan.sample_sizes import read_sample_sizes
from jobs.results.changes import of_previous
from jobs.sql_files import read_sql

Record = dict[str, Any]
Key = tuple[str, str, date | None]

BY_STUDY = (
    "lifts", "days", "breakdowns", "views", "arms", "outcomes", "ratios", "credits", "bridge",
    "weeks", "study_findings",
)  # fmt: skip
WITHOUT_PERIOD = ("credits", "weeks", "views")
"""What the publication knows of an experience over all its periods."""

OVERALL = (
    "runs", "user_segments", "segment_days", "identifiers", "persons", "merges",
    "identity_findings", "findings", "rejects", "freshness", "drift", "incomplete",
    "integrations", "deliveries", "reconciliation",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Study:
    """One vendor, experience and period, with all that is published of it."""

    about: Record
    parts: dict[str, list[Record]]
    mismatch: str
    days_left: int | None
    has_days_left: bool
    previous: dict[str, Record] | None

    @property
    def key(self) -> Key:
        """What it is found by."""
        return key_of(self.about)

    @property
    def main(self) -> list[Record]:
        """The rows that decide: the main conversion rate of everybody, by variant."""
        return [
            row
            for row in self.parts["lifts"]
            if row["is_main"]
            and row["metric"] == "conversion_rate"
            and row["audience_segment"] == EVERYBODY
        ]


@dataclass(frozen=True, slots=True)
class Published:
    """All that the report shows."""

    publication: Record
    studies: list[Study]
    overall: dict[str, list[Record]]
    has_previous: bool


def read_report(con: duckdb.DuckDBPyConnection, settings: Settings) -> Published:
    """Read everything; what the previous publication said comes from its file, if it is kept."""
    previous = _previous(con, settings)
    (publication,) = records(con, "publication")
    overall = {name: list(records(con, name)) for name in OVERALL}
    return Published(publication, _studies(con, settings, previous), overall, previous is not None)


def records(con: duckdb.DuckDBPyConnection, name: str) -> Iterator[Record]:
    """Yield the rows of a statement by column."""
    result = con.execute(read_sql(__file__, name))
    columns = [column[0] for column in result.description]
    for row in result.fetchall():
        yield dict(zip(columns, row, strict=True))


def key_of(row: Record) -> Key:
    """Return the vendor, experience and period of a row."""
    return row["vendor"], row["experience"], row["period"]


def _studies(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    previous: dict[Key, dict[str, Record]] | None,
) -> list[Study]:
    parts: dict[str, dict[Key, list[Record]]] = {}
    for name in BY_STUDY:
        parts[name] = defaultdict(list)
        for row in records(con, name):
            vendor, experience, period = key_of(row)
            parts[name][vendor, experience, None if name in WITHOUT_PERIOD else period].append(row)
    left = _days_left(con, settings)
    studies = []
    for about in records(con, "studies"):
        key = key_of(about)
        whole = (key[0], key[1], None)
        studies.append(
            Study(
                about,
                {
                    name: parts[name].get(whole if name in WITHOUT_PERIOD else key, [])
                    for name in BY_STUDY
                },
                _mismatch(con, settings, about),
                left.get(key),
                key in left,
                None if previous is None else previous.get(key, {}),
            )
        )
    return studies


def _mismatch(con: duckdb.DuckDBPyConnection, settings: Settings, about: Record) -> str:
    if about["srm_cause"] is None:
        return ""
    grain = Grain(about["vendor"], about["experience"], EVERYBODY, about["period"])
    return mismatch_words(con, settings, grain, about["srm_cause"], about["srm_p_value"])


def _days_left(con: duckdb.DuckDBPyConnection, settings: Settings) -> dict[Key, int | None]:
    """Return what `lift plan` says is left, for the variant that needs longest."""
    found: dict[Key, int | None] = {}
    main = settings.main_conversion
    for size in read_sample_sizes(con, settings):
        if main is None or size.conversion != main.name or size.goal is None:
            continue
        if size.vendor is None or size.experience is None:
            continue
        key = (size.vendor, size.experience, size.period)
        days = size.goal.days_left
        known = found.get(key, 0)
        found[key] = None if days is None or known is None else max(days, known)
    return found


def _previous(
    con: duckdb.DuckDBPyConnection, settings: Settings
) -> dict[Key, dict[str, Record]] | None:
    """Return the main rows of the publication before this one, by variant; None without one."""

    def read() -> dict[Key, dict[str, Record]]:
        found: dict[Key, dict[str, Record]] = defaultdict(dict)
        for row in records(con, "previous_rows"):
            found[key_of(row)][row["variant"]] = row
        return found

    return of_previous(con, settings, read)
