"""One message as the publication has it: what became of it, in every destination too."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb

from ingest.sql import quoted
from jobs.config import Settings
from jobs.errors import JobError, UsageError
from jobs.publication import read_publication
from jobs.sql_files import read_sql

MESSAGE = read_sql(__file__, "message")
MEANINGS = read_sql(__file__, "message_meanings")
OUTCOMES = read_sql(__file__, "conversion_outcomes")
TABLES = read_sql(__file__, "message_tables")
DELIVERIES = """
select destination, outcome, reason
from rpt_delivery
where message_id = ?
order by destination
"""


@dataclass(frozen=True, slots=True)
class Message:
    """A row of `fct_events`, without its objects."""

    message_id: str
    file: str
    row_number: int
    source: str
    type: str
    event_name: str | None
    original_event_name: str | None
    occurred_at: datetime
    timestamp_quality: str
    received_at: datetime
    user_id: str | None
    anonymous_id: str | None
    group_id: str | None
    person_id: str | None
    is_excluded: bool
    is_behaviour: bool


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a message counts as: a view of an experience, or a conversion."""

    kind: str
    subject: str
    detail: str | None


@dataclass(frozen=True, slots=True)
class ConversionOutcome:
    """What became of a conversion in a grain; the experience `(none)` is all others."""

    conversion: str
    vendor: str
    unit_type: str
    unit_id: str | None
    experience: str
    audience_segment: str
    period: date | None
    variant: str | None
    arm: str | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message in a destination; `rows` are those it made, by their table."""

    destination: str
    outcome: str
    reason: str | None
    rows: list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class MessageExplanation:
    """What is known of one message."""

    message: Message
    meanings: list[Meaning]
    outcomes: list[ConversionOutcome]
    deliveries: list[Delivery]


def explain_message(settings: Settings, message_id: str) -> MessageExplanation:
    """Return what became of a message; nothing is locked or written.

    Raises:
        UsageError: the publication has no such message.
        JobError: nothing has been published yet, or the publication holds no messages.
    """
    with read_publication(settings) as con:
        if settings.publication.events == "none":
            raise JobError(
                "The publication holds no messages: set publication.events to table or parquet in"
                " lift.yml and run `lift publish`."
            )
        found = con.execute(MESSAGE, [message_id]).fetchone()
        if found is None:
            raise UsageError(
                f"No message has the id {message_id}; rejected rows are in rpt_rejects, by file and"
                " row."
            )
        meanings = con.execute(MEANINGS, {"message_id": message_id}).fetchall()
        outcomes = con.execute(OUTCOMES, [message_id]).fetchall()
        deliveries = con.execute(DELIVERIES, [message_id]).fetchall()
        return MessageExplanation(
            Message(*found),
            [Meaning(*row) for row in meanings],
            [ConversionOutcome(*row) for row in outcomes],
            [
                Delivery(destination, outcome, reason, _rows(con, destination, message_id))
                for destination, outcome, reason in deliveries
            ],
        )


def _rows(
    con: duckdb.DuckDBPyConnection, destination: str, message_id: str
) -> list[tuple[str, dict[str, Any]]]:
    """Return the rows that a message made in the tables of a destination."""
    tables = con.execute(TABLES, {"destination": destination}).fetchall()
    rows = []
    for (table,) in tables:
        found = con.execute(f"from {quoted(table)} where message_id = ? order by all", [message_id])
        names = [column[0] for column in found.description or ()]
        rows += [(table, dict(zip(names, row, strict=True))) for row in found.fetchall()]
    return rows
