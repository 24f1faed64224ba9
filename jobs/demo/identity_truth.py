"""Who is one person, by the rules of identity alone.

Strong identifiers (users) are persons and merge only through an alias. Weak ones (anonymous ids and
Mutiny visitor ids) that stand on one message form a device. A message without a user belongs to the
user of the next login on its device, else of the last, else to the device itself.
"""

import numpy as np
import polars as pl

from jobs.demo.company import MAX_LINKS
from jobs.demo.ledger import Bools, Ints, Kind, ints
from jobs.demo.oddities import Numbering


def resolve_persons(rows: pl.DataFrame, population: int) -> Ints:
    """The person of every message of `rows`, as a number; -1 where no identifier is left.

    `rows` holds each message once and no rejects.
    """
    numbering = Numbering(population)
    links = ~rows["excluded"].to_numpy() & (ints(rows, "kind") != Kind.AUDIENCE)
    user, anon, mutiny = _identifiers(rows, numbering)
    hubs = _hubs(user[links], anon[links], mutiny[links])
    anon = np.where(np.isin(anon, hubs), -1, anon)
    mutiny = np.where(np.isin(mutiny, hubs), -1, mutiny)

    both = links & (anon >= 0) & (mutiny >= 0)
    weak_count = numbering.anon_count + population + 1
    device_of = connected_components(anon[both], mutiny[both], weak_count)
    weak = np.where(anon >= 0, anon, mutiny)
    device = np.where(weak >= 0, device_of[weak], -1)

    previous = ints(rows, "previous_user")
    renames = links & (previous >= 0) & (user >= 0)
    user_of = connected_components(user[renames], previous[renames], numbering.user_count)
    strong = np.where(user >= 0, user_of[user], -1)

    owner = _owners(rows, device, strong, links)
    anonymous = np.where(device >= 0, numbering.user_count + device, -1)
    return np.where(strong >= 0, strong, np.where(owner >= 0, owner, anonymous))


def connected_components(a: Ints, b: Ints, count: int) -> Ints:
    """The least member of the component of each of `count` nodes, joined by edges `a[i]`-`b[i]`."""
    label = np.arange(count)
    while True:
        low = np.minimum(label[a], label[b])
        before = label.copy()
        np.minimum.at(label, a, low)
        np.minimum.at(label, b, low)
        label = label[label]
        if np.array_equal(label, before):
            return label


def _identifiers(rows: pl.DataFrame, numbering: Numbering) -> tuple[Ints, Ints, Ints]:
    """User, anonymous id and Mutiny id of each message, blocked values left out.

    The previous id of an alias stands on its message like any other; Mutiny ids are numbered after
    the anonymous ids.
    """
    user, anon = ints(rows, "user"), ints(rows, "anon")
    mutiny = ints(rows, "mutiny")
    anon = np.where(anon >= 0, anon, ints(rows, "previous_anon"))
    return (
        np.where(user >= numbering.blocked_user, -1, user),
        np.where(anon == numbering.blocked_anon, -1, anon),
        np.where(mutiny >= 0, numbering.anon_count + mutiny, -1),
    )


def _hubs(user: Ints, anon: Ints, mutiny: Ints) -> Ints:
    """Weak identifiers that stand with more than MAX_LINKS others of one type."""
    hubs = [
        _crowded(weak, other)
        for weak, other in ((anon, user), (mutiny, user), (anon, mutiny), (mutiny, anon))
    ]
    return np.unique(np.concatenate(hubs))


def _crowded(weak: Ints, other: Ints) -> Ints:
    met = (weak >= 0) & (other >= 0)
    span = int(other.max(initial=0)) + 1
    pairs = np.unique(weak[met] * span + other[met])
    nodes, degree = np.unique(pairs // span, return_counts=True)
    return nodes[degree > MAX_LINKS]


def _owners(rows: pl.DataFrame, device: Ints, strong: Ints, links: Bools) -> Ints:
    """The user of the next login on each message's device, else of the last; -1 without a login."""
    at = ints(rows, "occurred")
    logins = (
        pl.DataFrame(
            {
                "device": device,
                "occurred": at,
                "received": rows["received"],
                "message_id": rows["message_id"],
                "strong": strong,
            }
        )
        .filter(pl.Series(links & (device >= 0) & (strong >= 0)))
        .sort("device", "occurred", "received", "message_id")
    )
    if logins.is_empty():
        return np.full(rows.height, -1)
    where, who = ints(logins, "device"), ints(logins, "strong")
    # Device and time as one number, so that one search finds the next login of a device.
    start = int(at.min())
    span = int(at.max()) - start + 1
    place = np.searchsorted(
        where * span + (ints(logins, "occurred") - start), device * span + at - start
    )
    following = np.minimum(place, len(where) - 1)
    preceding = np.maximum(place - 1, 0)
    is_next = (place < len(where)) & (where[following] == device)
    is_last = where[preceding] == device
    return np.where(is_next, who[following], np.where(is_last, who[preceding], -1))
