"""Identifiers as a user types them, and whom the publication says they belonged to."""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from jobs.config import Settings
from jobs.errors import JobError
from jobs.sql_files import read_sql
from jobs.words import printable

TYPES = ("user_id", "email", "anonymous_id", "mutiny_visitor_id")

OWNED = """
select id_type, id_value, person_id, owned_from, owned_to, link_count, is_blocked
from dim_identifiers
where {condition}
order by owned_from nulls first, id_type, id_value, person_id
"""

BLOCKED = """
select bool_or(regexp_full_match(lower(trim($value)), pattern))
from unnest($patterns::varchar[]) as patterns (pattern)
"""


class UnknownIdentifierError(JobError):
    """What was asked for is not an identifier of the publication, or is several."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A type and a value, compared exactly; written as person ids are."""

    id_type: str
    id_value: str

    def __str__(self) -> str:
        """Return it as a user types it."""
        return f"{self.id_type}:{self.id_value}"

    @property
    def is_strong(self) -> bool:
        """Whether it names a person by itself."""
        return self.id_type in ("user_id", "email")

    @classmethod
    def naming(cls, person_id: str) -> "Identifier":
        """Return the identifier that a person is named after."""
        id_type, _, id_value = person_id.partition(":")
        return cls(id_type, id_value)


@dataclass(frozen=True, slots=True)
class Ownership:
    """To whom an identifier belonged in one interval; a hub belongs to nobody."""

    identifier: Identifier
    person_id: str | None
    owned_from: datetime | None
    owned_to: datetime | None
    link_count: int
    is_blocked: bool


def find_owners(con: duckdb.DuckDBPyConnection, text: str) -> list[Ownership]:
    """Return who owned what the text names: a typed identifier, else a value of any type."""
    typed = Identifier.naming(text)
    return owners_of(con, typed) or _owners(con, "id_value = ?", text)


def owners_of(con: duckdb.DuckDBPyConnection, identifier: Identifier) -> list[Ownership]:
    """Return the owners of one identifier over time."""
    return _owners(con, "id_type = ? and id_value = ?", identifier.id_type, identifier.id_value)


def the_one_identifier(con: duckdb.DuckDBPyConnection, settings: Settings, text: str) -> Identifier:
    """Return the identifier that the text names.

    Raises:
        UnknownIdentifierError: it names none, or a value of several types.
    """
    found = sorted({str(owner.identifier) for owner in find_owners(con, text)})
    if len(found) > 1:
        choices = ", ".join(printable(identifier) for identifier in found)
        raise UnknownIdentifierError(
            f"{printable(text)} is the value of several identifiers; name one of {choices}."
        )
    if not found:
        raise unknown_identifier(con, settings, text)
    return Identifier.naming(found[0])


def unknown_identifier(
    con: duckdb.DuckDBPyConnection, settings: Settings, text: str
) -> UnknownIdentifierError:
    """Return the error for a text that names nothing, with what may have been meant."""
    typed = Identifier.naming(text)
    value = typed.id_value if typed.id_type in TYPES else text
    hints = []
    if _is_blocked(con, settings, value):
        hints.append("it matches identity.blocked, so it identifies nobody")
    if persons := con.execute(
        "select person_id from dim_persons where email = ? order by person_id limit 5", [text]
    ).fetchall():
        hints.append(f"it is the email of {', '.join(printable(name) for (name,) in persons)}")
    near = [
        printable(f"{id_type}:{id_value}")
        for id_type, id_value, _ in con.execute(
            read_sql(__file__, "near_identifiers"), {"value": value}
        ).fetchall()
    ]
    if near:
        hints.append(f"near it: {', '.join(near)}")
    said = "; ".join(hints) or "look for it in dim_identifiers"
    return UnknownIdentifierError(f"No identifier {printable(text)} in the publication; {said}.")


def _owners(con: duckdb.DuckDBPyConnection, condition: str, *values: str) -> list[Ownership]:
    return [
        Ownership(Identifier(id_type, id_value), *rest)
        for id_type, id_value, *rest in con.execute(
            OWNED.format(condition=condition), list(values)
        ).fetchall()
    ]


def _is_blocked(con: duckdb.DuckDBPyConnection, settings: Settings, value: str) -> bool:
    asked = {"value": value, "patterns": list(settings.identity.blocked)}
    return bool(con.execute(BLOCKED, asked).fetchall()[0][0])
