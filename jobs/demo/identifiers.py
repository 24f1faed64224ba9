"""The identifiers that the ledger's numbers stand for."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from jobs.demo.fragments import digits, hex_text, join, pick, uuids
from jobs.demo.ledger import SOURCE_OF_KIND, Kind, Source, ints
from jobs.demo.oddities import BLOCKED_ANON, BLOCKED_USERS, Numbering
from jobs.demo.population import Population

_PREFIXES = ("ajs-next-", "ajs-next-", "node-next-", "personas_", "")
_STAMPED = np.array([True, True, True, False, False])
"""By source, and last for phones: how a message id starts, and whether the time follows."""


@dataclass(frozen=True)
class Identifiers:
    """The text of every anonymous id, user id, Mutiny visitor id and group id by its number."""

    anon: pl.Series
    user: pl.Series
    mutiny: pl.Series
    group: pl.Series


def name_identifiers(people: Population, rng: np.random.Generator) -> Identifiers:
    """Draw the text of all identifiers."""
    numbering = Numbering(people.size)
    anon = uuids(numbering.blocked_anon, rng).rename("anon")
    renamed = digits(40_000 + 7 * np.arange(people.size)).rename("user")
    user = hex_text(6, people.size, rng).rename("user")
    group = join("org_", hex_text(3, int(people.group.max(initial=0)) + 1, rng))
    return Identifiers(
        anon=pl.concat([anon, pl.Series("anon", [BLOCKED_ANON])]),
        user=pl.concat([user, renamed, pl.Series("user", BLOCKED_USERS)]),
        mutiny=uuids(people.size + 1, rng),
        group=group,
    )


def message_ids(rows: pl.DataFrame, population: int, rng: np.random.Generator) -> pl.Series:
    """A message id for every row, in the form that the library of its sender gives it."""
    anon = ints(rows, "anon")
    on_phone = (anon >= 2 * population) & (anon < 3 * population)
    form = np.where(on_phone, len(Source), SOURCE_OF_KIND[ints(rows, "kind")])
    stamp = pick(
        join(digits(ints(rows, "t")), "-"), np.where(_STAMPED[form], np.arange(len(form)), -1)
    )
    return join(pick(_PREFIXES, form), stamp, uuids(rows.height, rng))


def is_reject(rows: pl.DataFrame) -> pl.Series:
    """Rows that ingest must refuse: without any id, or of an unknown call type."""
    return rows.select(
        ((pl.col("anon") < 0) & (pl.col("user") < 0)) | (pl.col("kind") == int(Kind.UNKNOWN_TYPE))
    ).to_series()
