"""What happened to a person: exposures, conversions and first logins, in the order of time."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb

from jobs.explain.links import Link, logins

EXPOSURES = """
select message_id, exposed_at, vendor, experience, audience_segment, variant, arm, source
from fct_exposures
where person_id = ?
order by exposed_at, message_id, vendor, experience
limit {limit}
"""

CONVERSIONS = """
select message_id, converted_at, conversion, value, currency, source
from fct_conversions
where person_id = ?
order by converted_at, message_id, conversion
limit {limit}
"""


@dataclass(frozen=True, slots=True)
class Exposure:
    """One exposure message."""

    message_id: str
    exposed_at: datetime
    vendor: str
    experience: str
    audience_segment: str | None
    variant: str
    arm: str
    source: str

    @property
    def at(self) -> datetime:
        """When it was seen."""
        return self.exposed_at


@dataclass(frozen=True, slots=True)
class Conversion:
    """One conversion."""

    message_id: str
    converted_at: datetime
    conversion: str
    value: Decimal | None
    currency: str | None
    source: str

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.converted_at


Event = Exposure | Conversion | Link


def read_timeline(con: duckdb.DuckDBPyConnection, person_id: str, limit: int | None) -> list[Event]:
    """Return what happened first to the person whose links are kept; no limit is everything."""
    events: list[Event] = [
        *(Exposure(*row) for row in _rows(con, EXPOSURES, person_id, limit)),
        *(Conversion(*row) for row in _rows(con, CONVERSIONS, person_id, limit)),
        *logins(con, limit),
    ]
    return sorted(events, key=lambda event: (event.at, event.message_id))[:limit]


def _rows(
    con: duckdb.DuckDBPyConnection, query: str, person_id: str, limit: int | None
) -> list[tuple[Any, ...]]:
    return con.execute(query.format(limit=limit or "all"), [person_id]).fetchall()
