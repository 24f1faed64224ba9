"""Visits to the website: sessions, page views and the first sight of each experience."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from jobs.demo.company import (
    BLOG,
    BROWSING_SHARES,
    CAMPAIGNS,
    DAY_MS,
    EXPERIENCES,
    HOUR_MS,
    LANDING_SHARES,
    MINUTE_MS,
    PAGES,
    REFERRERS,
    SECOND_MS,
)
from jobs.demo.ledger import Bools, Ints, ints
from jobs.demo.population import Population

MAX_SESSIONS = 8
MAX_PAGES = 14
MAX_GAP_MS = 3 * DAY_MS
"""Two experiences are first seen within this time, so that both windows share four days."""
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Sessions:
    """Visits to the website, ordered by person and time; `number` counts a person's from zero."""

    human: Ints
    number: Ints
    starts_at: Ints
    ends_at: Ints
    anon: Ints
    campaign: Ints
    referrer: Ints
    logs_in: Bools


@dataclass(frozen=True)
class PageViews:
    """Page views in the order of their sessions; `session` is a row of `Sessions`."""

    session: Ints
    t: Ints
    page: Ints
    is_landing: Bools


@dataclass(frozen=True)
class Views:
    """Every sight of an experience, and per person and experience the first (`NEVER` if none)."""

    view: Ints
    t: Ints
    human: Ints
    experience: Ints
    segment: Ints
    arm: Ints
    first_seen_at: Ints
    first_arm: Ints


def draw_sessions(people: Population, rng: np.random.Generator) -> Sessions:
    """Draw each visitor's sessions; none starts in the last three hours, so that all can end."""
    count = np.minimum(rng.geometric(0.52, people.size), MAX_SESSIONS)
    count = np.where(people.has_second_cookie, np.maximum(count, 2), count)
    count = np.where(people.visits_website, count, 0)
    human = np.repeat(np.arange(people.size), count)
    first_row = np.repeat(np.cumsum(count) - count, count)
    number = np.arange(len(human)) - first_row

    gap = (4 * HOUR_MS + rng.exponential(2.5 * DAY_MS, len(human))).astype(np.int64)
    elapsed = np.cumsum(np.where(number == 0, 0, gap))
    starts_at = people.arrives_at[human] + elapsed - elapsed[first_row]
    kept = starts_at < people.end - 3 * HOUR_MS
    human, number, starts_at = human[kept], number[kept], starts_at[kept]

    on_second = people.has_second_cookie[human] & (number > 0)
    anon = np.where(on_second, people.size + human, people.cookie[human])
    paid = rng.random(len(human)) < np.where(number == 0, 0.38, 0.12)
    every_time = people.shares_device | (people.has_second_cookie & people.links_website)
    logs_in = people.links_website[human] & (
        (number == 0) | every_time[human] | (rng.random(len(human)) < 0.5)
    )
    return Sessions(
        human=human,
        number=number,
        starts_at=starts_at,
        ends_at=starts_at,
        anon=anon,
        campaign=np.where(paid, rng.integers(0, len(CAMPAIGNS), len(human)), -1),
        referrer=rng.choice(len(REFERRERS), len(human), p=(0.36, 0.38, 0.06, 0.1, 0.06, 0.04)),
        logs_in=logs_in,
    )


def draw_page_views(
    people: Population, sessions: Sessions, rng: np.random.Generator
) -> tuple[Sessions, PageViews]:
    """Draw the page views of every session; the sessions come back with their ends."""
    count = np.minimum(rng.geometric(0.27, len(sessions.human)), MAX_PAGES)
    session = np.repeat(np.arange(len(count)), count)
    first_row = np.repeat(np.cumsum(count) - count, count)
    is_landing = np.arange(len(session)) == first_row
    dwell = np.minimum(3 * SECOND_MS + rng.exponential(45 * SECOND_MS, len(session)), 7 * MINUTE_MS)
    elapsed = np.cumsum(np.where(is_landing, 0, dwell.astype(np.int64)))
    t = sessions.starts_at[session] + elapsed - elapsed[first_row]
    page = np.where(
        is_landing,
        rng.choice(len(PAGES), len(session), p=LANDING_SHARES),
        rng.choice(len(PAGES), len(session), p=BROWSING_SHARES),
    )
    page = _keep_experiences_close(people, sessions.human[session], t, page)
    ended = Sessions(**{**vars(sessions), "ends_at": t[np.cumsum(count) - 1]})
    return ended, PageViews(session, t, page, is_landing)


def draw_views(
    people: Population, sessions: Sessions, pages: PageViews, rng: np.random.Generator
) -> Views:
    """Every view of a personalized page by a visitor of one of its audience segments."""
    human = sessions.human[pages.session]
    anon = sessions.anon[pages.session]
    on_second = (anon >= people.size) & (anon < 2 * people.size)
    found: list[pl.DataFrame] = []
    first_seen_at = np.full((people.size, len(EXPERIENCES)), NEVER)
    first_arm = np.full((people.size, len(EXPERIENCES)), -1)
    for number, experience in enumerate(EXPERIENCES):
        on_page = pages.page == _page_number(experience.page)
        view = np.flatnonzero(on_page & (people.segments[human, number] >= 0))
        who = human[view]
        t = pages.t[view] + rng.integers(250, 1_800, len(view))
        arm = np.where(on_second[view], people.second_arms[who, number], people.arms[who, number])
        seen, first = np.unique(who, return_index=True)
        first_seen_at[seen, number] = t[first]
        first_arm[seen, number] = arm[first]
        segment = people.segments[who, number]
        found.append(
            pl.DataFrame({"view": view, "t": t, "human": who, "segment": segment, "arm": arm})
        )
    views = pl.concat(found)
    return Views(
        **{name: ints(views, name) for name in views.columns},
        experience=np.repeat(np.arange(len(found)), [part.height for part in found]),
        first_seen_at=first_seen_at,
        first_arm=first_arm,
    )


def _keep_experiences_close(people: Population, human: Ints, t: Ints, page: Ints) -> Ints:
    """Turn the later experience's page into the blog where it is first seen too long after."""
    first = np.full((people.size, len(EXPERIENCES)), NEVER)
    for number, experience in enumerate(EXPERIENCES):
        rows = np.flatnonzero(page == _page_number(experience.page))
        seen, index = np.unique(human[rows], return_index=True)
        first[seen, number] = t[rows[index]]
    earliest = first.min(axis=1)
    too_late = (first != NEVER) & (first > earliest[:, None] + MAX_GAP_MS)
    page = page.copy()
    for number, experience in enumerate(EXPERIENCES):
        page[(page == _page_number(experience.page)) & too_late[human, number]] = BLOG
    return page


def _page_number(path: str) -> int:
    return next(number for number, page in enumerate(PAGES) if page[0] == path)
