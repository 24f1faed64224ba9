"""A text with tokens, `{{trait}}` or `{{trait|fallback}}`, filled in for one person."""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from jobs.config import Settings
from jobs.errors import UsageError
from jobs.explain.identifiers import UnknownIdentifierError, find_owners, unknown_identifier
from jobs.publication import read_publication
from jobs.words import printable

TOKEN = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)

TRAITS = "select trait, value from dim_person_traits where person_id = ?"

FILL_RATES = "select trait, fill_rate from rpt_trait_tokens where trait in (select unnest(?))"


@dataclass(frozen=True, slots=True)
class Token:
    """A place in a text where the value of a trait is inserted, else the fallback."""

    trait: str
    fallback: str | None


@dataclass(frozen=True, slots=True)
class FilledToken:
    """What replaces a token, where it comes from (trait, fallback, nothing), and what is odd.

    `fill_rate` is the share of all persons who have a value to insert; None where nobody does.
    """

    trait: str
    inserted: str
    origin: str
    note: str | None
    fill_rate: float | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as one person would read it."""

    person_id: str
    text: str
    tokens: list[FilledToken]


def preview_text(settings: Settings, template: str, identifier: str) -> Preview:
    """Return the text as the person of an identifier would read it, from the publication.

    Raises:
        UsageError: the text has a token without a trait or without an end.
        UnknownIdentifierError: nobody, or more than one person, has the identifier.
    """
    parts = parse_template(template)
    with read_publication(settings) as con:
        person_id = _the_one_person(con, settings, identifier)
        traits = dict(con.execute(TRAITS, [person_id]).fetchall())
        names = [part.trait for part in parts if isinstance(part, Token)]
        rates = dict(con.execute(FILL_RATES, [names]).fetchall())
    text, tokens = fill(parts, traits, rates)
    return Preview(person_id, text, tokens)


def parse_template(template: str) -> list[str | Token]:
    """Return the words and tokens of a text in their order.

    Raises:
        UsageError: a token names no trait or has no end.
    """
    parts: list[str | Token] = []
    # Every other piece is what the pattern captured.
    for place, piece in enumerate(TOKEN.split(template)):
        if place % 2:
            trait, bar, fallback = piece.partition("|")
            if not trait.strip():
                raise UsageError(
                    f"{{{{{printable(piece)}}}}} names no trait; write {{{{trait|fallback}}}}."
                )
            parts.append(Token(trait.strip(), fallback.strip() if bar else None))
        elif "{{" in piece:
            rest = piece[piece.index("{{") :]
            raise UsageError(f"{printable(rest[:40])} has no end; close the token with }}}}.")
        elif piece:
            parts.append(piece)
    return parts


def fill(
    parts: list[str | Token], traits: dict[str, str], fill_rates: dict[str, float]
) -> tuple[str, list[FilledToken]]:
    """Return the text with a person's traits (as JSON) in it, and what replaces each token."""
    words, tokens = [], []
    for part in parts:
        if isinstance(part, Token):
            filled = _fill(part, traits, fill_rates.get(part.trait))
            tokens.append(filled)
            words.append(filled.inserted)
        else:
            words.append(part)
    return "".join(words), tokens


def _fill(token: Token, traits: dict[str, str], fill_rate: float | None) -> FilledToken:
    if token.trait in traits:
        value = json.loads(traits[token.trait], parse_float=Decimal, parse_int=Decimal)
        text = _written(value)
        if text is not None:
            note = None if text else "the person's value is an empty text"
            return FilledToken(token.trait, text, "trait", note, fill_rate)
    note = _why_not(token, traits)
    if token.fallback is not None:
        return FilledToken(token.trait, token.fallback, "fallback", note, fill_rate)
    note = f"{note or 'the person has no such trait'}; add a fallback: {{{{{token.trait}|there}}}}"
    return FilledToken(token.trait, "", "nothing", note, fill_rate)


def _why_not(token: Token, traits: dict[str, str]) -> str | None:
    """Say why a person's traits give a token no value; None where they just lack the trait."""
    if token.trait in traits:
        kind = "an object" if traits[token.trait].lstrip().startswith("{") else "a list"
        return f"the person's value is {kind}: only text, numbers and booleans can stand in a text"
    alike = sorted(name for name in traits if _spelled(name) == _spelled(token.trait))
    return f"the person has no such trait, but has {' and '.join(alike)}" if alike else None


def _written(value: Any) -> str | None:
    """Return a value as it is read in a text; None for what is not a single value."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return _plain(value)
        case str():
            return value
        case _:
            return None


def _plain(number: Decimal) -> str:
    """Return a number without exponent and trailing zeros; a huge one keeps its exponent."""
    if abs(number.adjusted()) > 38:
        return str(number)
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _spelled(trait: str) -> str:
    return re.sub(r"[\W_]", "", trait).lower()


def _the_one_person(con: duckdb.DuckDBPyConnection, settings: Settings, text: str) -> str:
    """Return the person of an identifier: of several over time, the one who has it now."""
    owners = find_owners(con, text)
    if not owners:
        raise unknown_identifier(con, settings, text)
    owned = [owner for owner in owners if owner.person_id is not None]
    now = [owner for owner in owned if owner.owned_to is None]
    persons = sorted({str(owner.person_id) for owner in now or owned})
    if len(persons) == 1:
        return persons[0]
    if not persons:
        raise UnknownIdentifierError(
            f"{printable(text)} belongs to nobody: it is linked to too many others;"
            " name a person by another identifier."
        )
    raise UnknownIdentifierError(
        f"{printable(text)} belongs to several persons;"
        f" name one of {', '.join(map(printable, persons[:5]))}."
    )
