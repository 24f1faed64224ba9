"""What real landing zones hold besides visitors: bots, a kiosk, renamed users, useless ids."""

import numpy as np
import polars as pl

from jobs.demo.company import (
    DAY_MS,
    DEMO_PAGE,
    EXPERIENCES,
    HOME,
    HOUR_MS,
    KIOSK_MIN_VISITORS,
    MAX_LINKS,
    MINUTE_MS,
    PRICING,
)
from jobs.demo.ledger import Ints, Kind, batch
from jobs.demo.population import Population, draw_moments

BLOCKED_USERS = ("undefined", "null")
BLOCKED_ANON = "00000000-0000-0000-0000-000000000000"


class Numbering:
    """Numbers of the identifiers that belong to no single person, after those of the people."""

    def __init__(self, size: int) -> None:
        """Lay out the identifiers of a population of `size`."""
        self.bots = 3 * size
        self.bot_count = max(2, size // 100)
        self.kiosk = self.bots + self.bot_count
        self.blocked_anon = self.kiosk + 1
        self.anon_count = self.blocked_anon + 1
        self.renamed_users = size
        self.blocked_user = 2 * size
        self.user_count = 2 * size + len(BLOCKED_USERS)
        self.kiosk_mutiny = size


def odd_messages(people: Population, rng: np.random.Generator) -> list[pl.DataFrame]:
    """Ledger rows of bots, of the kiosk, of messages under useless ids and of rejects to be."""
    numbering = Numbering(people.size)
    return [
        *_bots(people, numbering, rng),
        *_kiosk(people, numbering, rng),
        *_useless_ids(people, numbering, rng),
        *_rejects(people, rng),
    ]


def rename_users(rows: pl.DataFrame, people: Population, rng: np.random.Generator) -> pl.DataFrame:
    """Let a few customers have had another user id, tied to the new one by an alias."""
    candidates = np.flatnonzero(people.links_website & ~people.shares_device)
    renamed = candidates[: max(3, people.size // 150)]
    renamed_at = people.arrives_at[renamed] + rng.integers(HOUR_MS, 8 * DAY_MS, len(renamed))
    until = np.full(people.size + 1, np.iinfo(np.int64).min)
    until[renamed] = renamed_at
    old = Numbering(people.size).renamed_users
    user, t = rows["user"].to_numpy(), rows["t"].to_numpy()
    person = np.where((user >= 0) & (user < people.size), user, people.size)
    before = t < until[person]
    return pl.concat(
        [
            rows.with_columns(user=pl.Series(np.where(before, old + user, user)).cast(pl.Int32)),
            batch(Kind.ALIAS, renamed_at, human=renamed, user=renamed, previous_user=old + renamed),
        ]
    )


def _exposures(t: Ints, anon: Ints | int, arm: Ints, human: Ints, excluded: bool) -> pl.DataFrame:
    return batch(
        Kind.EXPOSURE,
        t,
        human=human,
        anon=anon,
        experience=0,
        segment=np.arange(len(t)) % len(EXPERIENCES[0].segments),
        arm=arm,
        page=HOME,
        excluded=excluded,
    )


def _bots(people: Population, numbering: Numbering, rng: np.random.Generator) -> list[pl.DataFrame]:
    """Crawlers load every page, see experiences and even send the demo form."""
    bots = np.arange(numbering.bot_count)
    starts = draw_moments(len(bots), people.start, people.end - HOUR_MS, rng)
    count = rng.integers(4, 14, len(bots))
    bot = np.repeat(bots, count)
    t = starts[bot] + np.arange(len(bot)) % 14 * 2_500
    page = np.where(np.arange(len(bot)) % 3 == 0, HOME, rng.integers(0, 9, len(bot)))
    seen = np.flatnonzero(page == HOME)
    sends = bots[::3]
    return [
        batch(Kind.PAGE, t, anon=numbering.bots + bot, human=bot, page=page, excluded=True),
        _exposures(
            t[seen] + 300,
            numbering.bots + bot[seen],
            rng.integers(0, 2, len(seen)),
            bot[seen],
            True,
        ),
        batch(
            Kind.DEMO_REQUEST,
            starts[sends] + MINUTE_MS,
            anon=numbering.bots + sends,
            human=sends,
            page=DEMO_PAGE,
            excluded=True,
        ),
    ]


def _kiosk(
    people: Population, numbering: Numbering, rng: np.random.Generator
) -> list[pl.DataFrame]:
    """A tablet at a fair: too many customers log in on it for its ids to tell anybody apart."""
    users = np.flatnonzero(people.is_customer)[: MAX_LINKS + 40]
    if people.size < KIOSK_MIN_VISITORS or len(users) <= MAX_LINKS:
        return []
    opens = people.start + (people.end - people.start) // 2
    t = opens + np.sort(rng.integers(0, 9 * HOUR_MS, len(users)))
    visitors = np.repeat(opens + np.arange(60) * 9 * MINUTE_MS, 2)
    page = np.where(np.arange(len(visitors)) % 2 == 0, HOME, PRICING)
    visitors = visitors + np.where(page == HOME, 0, 50_000)
    home = visitors[page == HOME]
    nobody = np.full(len(home), 0)
    shared = {"human": users, "user": users, "anon": numbering.kiosk}
    return [
        batch(Kind.PAGE, visitors, anon=numbering.kiosk, human=0, page=page),
        _exposures(home + 400, numbering.kiosk, nobody, nobody, False),
        batch(
            Kind.MUTINY_IDENTIFY,
            home[:1] + 900,
            anon=numbering.kiosk,
            human=0,
            mutiny=numbering.kiosk_mutiny,
        ),
        batch(Kind.LOGIN, t, mutiny=numbering.kiosk_mutiny, group=people.group[users], **shared),
        batch(
            Kind.FEATURE,
            t + 40_000,
            group=people.group[users],
            detail=rng.integers(0, 100, len(users)),
            **shared,
        ),
    ]


def _useless_ids(
    people: Population, numbering: Numbering, rng: np.random.Generator
) -> list[pl.DataFrame]:
    """Trackers without storage send zeros for an anonymous id; nobody stands behind it."""
    count = max(6, people.size // 400)
    t = draw_moments(count, people.start, people.end - HOUR_MS, rng)
    customers = np.flatnonzero(people.is_customer)[-2:]
    return [
        batch(Kind.PAGE, t, anon=numbering.blocked_anon, human=0, page=HOME),
        _exposures(
            t + 600,
            numbering.blocked_anon,
            rng.integers(0, 2, count),
            np.zeros(count, np.int64),
            False,
        ),
        batch(
            Kind.LOGIN,
            draw_moments(len(customers), people.start, people.end - HOUR_MS, rng),
            human=customers,
            user=customers,
            anon=numbering.blocked_anon,
            group=people.group[customers],
        ),
    ]


def _rejects(people: Population, rng: np.random.Generator) -> list[pl.DataFrame]:
    """Rows that ingest must refuse: no id at all, or a call type that Segment does not have."""
    count = max(3, people.size // 2_000)
    human = rng.integers(0, people.size, count)
    return [
        batch(
            Kind.PAGE,
            draw_moments(count, people.start, people.end - HOUR_MS, rng),
            human=human,
            page=HOME,
        ),
        batch(
            Kind.UNKNOWN_TYPE,
            draw_moments(count, people.start, people.end - HOUR_MS, rng),
            human=human,
            anon=people.cookie[human],
        ),
    ]
