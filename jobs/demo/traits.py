"""The `traits` object of identify and group calls."""

import numpy as np
import polars as pl

from jobs.demo.company import AUDIENCES
from jobs.demo.fragments import digits, join, pick
from jobs.demo.identifiers import Identifiers
from jobs.demo.ledger import Kind, ints
from jobs.demo.profiles import Profiles


def write_traits(
    kind: Kind, rows: pl.DataFrame, identifiers: Identifiers, profiles: Profiles
) -> pl.Series | None:
    """The traits of messages of one kind as JSON text; None where the call has none."""
    members = _members(kind, rows, identifiers, profiles)
    return None if members is None else join("{", members, "}")


def _members(
    kind: Kind, rows: pl.DataFrame, identifiers: Identifiers, profiles: Profiles
) -> pl.Series | None:
    human, members = ints(rows, "human"), None
    if kind is Kind.MUTINY_IDENTIFY:
        members = _mutiny(rows, identifiers)
    elif kind is Kind.LEAD_IDENTIFY:
        members = pick(profiles.lead, human)
    elif kind is Kind.LOGIN:
        # analytics.js sends the traits that it has cached again with every identify.
        cached = join(",", _mutiny(rows, identifiers))
        known = np.where(ints(rows, "mutiny") < 0, -1, np.arange(rows.height))
        members = join(pick(profiles.person, human), pick(cached, known))
    elif kind is Kind.USER_TRAITS:
        plan, seats = pick(profiles.plan, human), digits(3 + human % 60)
        members = join(pick(profiles.person, human), ',"plan":"', plan, '","seats":', seats)
    elif kind is Kind.GROUP:
        members = pick(profiles.account, ints(rows, "group"))
    elif kind is Kind.AUDIENCE:
        detail = ints(rows, "detail")
        is_member = pick(("false", "true"), detail % 2)
        members = join('"', pick(AUDIENCES, detail // 2), '":', is_member)
    return members


def _mutiny(rows: pl.DataFrame, identifiers: Identifiers) -> pl.Series:
    return join('"mutinyVisitorId":"', pick(identifiers.mutiny, ints(rows, "mutiny")), '"')
