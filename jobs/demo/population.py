"""Who visits: people, their devices and their arms, drawn before anything happens to them."""

from dataclasses import dataclass

import numpy as np

from jobs.demo.company import DAY_MS, EXPERIENCES, HOUR_MS
from jobs.demo.ledger import Bools, Consent, Ints

LINKED, APP_ONLY = 1, 2
"""Where a customer logs in: on the browser that visits the website, or on another device only."""

WEEKDAY_WEIGHTS = (1.0, 1.05, 1.05, 1.0, 0.85, 0.35, 0.3)
HOUR_WEIGHTS = (2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 10, 11, 12, 12, 11, 10, 8, 6, 5, 5, 4, 3)


@dataclass(frozen=True)
class Population:
    """The people of the demo, an entry per person in every array.

    Anonymous ids are numbered: `0..n` the browser each person starts with, `n..2n` the cookie that
    replaces it, `2n..3n` the app or phone. `arms` are those of the first cookie, `second_arms` of
    the second; column e of an array with two axes belongs to experience e.
    """

    size: int
    start: int
    end: int
    arrives_at: Ints
    is_customer: Bools
    visits_website: Bools
    login_place: Ints
    has_mutiny: Bools
    consent: Ints
    cookie: Ints
    has_second_cookie: Bools
    shares_device: Bools
    segments: Ints
    arms: Ints
    second_arms: Ints
    group: Ints
    carries_user: Bools

    @property
    def links_website(self) -> Bools:
        """Customers who log in on the browser that they visit the website with."""
        return np.equal(self.login_place, LINKED)


def draw_population(size: int, start: int, end: int, rng: np.random.Generator) -> Population:
    """Draw `size` people who are first seen between `start` and `end` (ms)."""
    kind = rng.random(size)
    product_only = kind < 0.04
    is_customer = kind < 0.15
    place = np.where(rng.random(size) < 0.75, LINKED, APP_ONLY)
    login_place = np.where(product_only, APP_ONLY, np.where(is_customer, place, 0))
    has_mutiny = rng.random(size) < 0.4

    segments = _draw_segments(size, rng)
    arms = rng.integers(0, 2, segments.shape)
    redrawn = rng.integers(0, 2, segments.shape)
    linked = login_place == LINKED
    resets = rng.random(size)
    # A second cookie never becomes a person of its own: the Mutiny id ties it to the first, or the
    # customer logs in on both. Only the latter draws its arms again.
    remembered = has_mutiny & (resets < 0.06)
    redrawn_cookie = linked & ~has_mutiny & (resets < 0.15)

    cookie = np.arange(size)
    shares_device = np.zeros(size, np.bool_)
    for follower, leader in _share_devices(linked & ~(remembered | redrawn_cookie), size):
        shares_device[[follower, leader]] = True
        cookie[follower] = leader
        segments[follower] = segments[leader]
        arms[follower] = arms[leader]
        has_mutiny[follower] = has_mutiny[leader]

    banner = rng.random(size) < 0.35
    refuses = rng.random(size) < 0.08
    return Population(
        size=size,
        start=start,
        end=end,
        arrives_at=draw_moments(size, start, end - 3 * HOUR_MS, rng),
        is_customer=is_customer,
        visits_website=~product_only,
        login_place=login_place,
        has_mutiny=has_mutiny,
        consent=np.where(banner, np.where(refuses, Consent.REFUSED, Consent.GRANTED), Consent.NONE),
        cookie=cookie,
        has_second_cookie=(remembered | redrawn_cookie) & ~product_only,
        shares_device=shares_device,
        segments=segments,
        arms=arms,
        second_arms=np.where(remembered[:, None], arms, redrawn),
        group=_draw_groups(segments, rng),
        carries_user=(rng.random(size) < 0.7) & ~shares_device,
    )


def draw_moments(count: int, start: int, end: int, rng: np.random.Generator) -> Ints:
    """Moments (ms) between `start` and `end`, denser on weekdays and in working hours (UTC)."""
    hours = np.arange(start - start % HOUR_MS, end, HOUR_MS)
    # The epoch, 1970-01-01, was a Thursday.
    weekday = (hours // DAY_MS + 3) % 7
    hour = hours % DAY_MS // HOUR_MS
    weights = np.array(WEEKDAY_WEIGHTS)[weekday] * np.array(HOUR_WEIGHTS, np.float64)[hour]
    chosen = rng.choice(hours, count, p=weights / weights.sum())
    return np.clip(chosen + rng.integers(0, HOUR_MS, count), start, end - 1)


def _draw_segments(size: int, rng: np.random.Generator) -> Ints:
    """The audience segment of each person in each experience; -1 is in none, hence not tracked."""
    columns = []
    for experience in EXPERIENCES:
        bounds = np.cumsum([segment.share for segment in experience.segments])
        drawn = np.searchsorted(bounds, rng.random(size), side="right")
        columns.append(np.where(drawn < len(bounds), drawn, -1))
    return np.stack(columns, axis=1)


def _draw_groups(segments: Ints, rng: np.random.Generator) -> Ints:
    """The account of each person; its number modulo 9 tells the two audience segments."""
    traits = 3 * (segments[:, 1] + 1) + segments[:, 0] + 1
    return 9 * rng.integers(0, max(1, len(segments) // 100), len(segments)) + traits


def _share_devices(candidates: Bools, size: int) -> list[tuple[int, int]]:
    """Pairs (person, whose browser the person uses): groups of two and three, 0.6 % of all."""
    chosen = np.flatnonzero(candidates)[: max(7, round(size * 0.006))].tolist()
    pairs: list[tuple[int, int]] = []
    while len(chosen) >= 2:
        users = 3 if len(pairs) % 3 == 0 else 2
        group, chosen = chosen[:users], chosen[users:]
        pairs += [(person, group[0]) for person in group[1:]]
    return pairs
