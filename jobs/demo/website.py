"""What the website sends: page views, experiences seen, Mutiny's id, clicks."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from jobs.demo.company import REFERRERS, SECOND_MS
from jobs.demo.ledger import Bools, Ints, Kind, batch
from jobs.demo.population import Population
from jobs.demo.visits import NEVER, PageViews, Sessions, Views


@dataclass(frozen=True)
class Browsers:
    """Which cookie a person's browser holds at a time, and since when it knows the user."""

    people: Population
    second_since: Ints
    known_since: Ints

    def anon(self, human: Ints, t: Ints) -> Ints:
        """The anonymous id that the browser of each person sends at `t`."""
        second = t >= self.second_since[human]
        return np.where(second, self.people.size + human, self.people.cookie[human])

    def user(self, human: Ints, anon: Ints, t: Ints) -> Ints:
        """The user id that the browser sends by itself, having seen a login under `anon`."""
        second = (anon == self.people.size + human).astype(np.int64)
        known = self.people.carries_user[human] & (t > self.known_since[human, second])
        return np.where(known, human, -1)

    def mutiny(self, human: Ints) -> Ints:
        """The Mutiny visitor id of each person's browser, which outlives its anonymous ids."""
        return np.where(self.people.has_mutiny[human], self.people.cookie[human], -1)


def browsers_without_logins(people: Population, sessions: Sessions) -> Browsers:
    """The browsers before any login has been noted."""
    second_since = np.full(people.size, NEVER)
    on_second = people.has_second_cookie[sessions.human] & (sessions.number == 1)
    second_since[sessions.human[on_second]] = sessions.starts_at[on_second]
    return Browsers(people, second_since, np.full((people.size, 2), NEVER))


def note_logins(browsers: Browsers, human: Ints, anon: Ints, t: Ints) -> Browsers:
    """The browsers after these logins; those under other anonymous ids change nothing."""
    size = browsers.people.size
    known_since = browsers.known_since.copy()
    for second, expected in enumerate((browsers.people.cookie[human], size + human)):
        here = anon == expected
        np.minimum.at(known_since[:, second], human[here], t[here])
    return Browsers(browsers.people, browsers.second_since, known_since)


def website_messages(
    browsers: Browsers,
    sessions: Sessions,
    pages: PageViews,
    views: Views,
    rng: np.random.Generator,
) -> list[pl.DataFrame]:
    """The ledger rows of every visit."""
    people = browsers.people
    human = sessions.human[pages.session]
    anon = sessions.anon[pages.session]
    # Only the landing page's address still holds the campaign; later pages refer to one another.
    campaign = np.where(pages.is_landing, sessions.campaign[pages.session], -1)
    came_from = len(REFERRERS) + np.concatenate([[0], pages.page[:-1]])
    referrer = np.where(pages.is_landing, sessions.referrer[pages.session], came_from)
    where = {"page": pages.page, "campaign": campaign, "referrer": referrer}
    consent = people.consent[human]

    seen = views.view
    clicked = np.flatnonzero(rng.random(len(human)) < 0.09)
    click_t = pages.t[clicked] + rng.integers(2 * SECOND_MS, 20 * SECOND_MS, len(clicked))
    return [
        batch(
            Kind.PAGE,
            pages.t,
            human=human,
            anon=anon,
            user=browsers.user(human, anon, pages.t),
            consent=consent,
            **where,
        ),
        batch(
            Kind.EXPOSURE,
            views.t,
            human=views.human,
            anon=anon[seen],
            user=browsers.user(views.human, anon[seen], views.t),
            consent=consent[seen],
            experience=views.experience,
            segment=views.segment,
            arm=views.arm,
            **_rows(where, seen),
        ),
        batch(
            Kind.CTA,
            click_t,
            human=human[clicked],
            anon=anon[clicked],
            user=browsers.user(human[clicked], anon[clicked], click_t),
            consent=consent[clicked],
            detail=rng.integers(0, 4, len(clicked)),
            **_rows(where, clicked),
        ),
        _mutiny_identifies(browsers, sessions, pages, rng),
    ]


def _mutiny_identifies(
    browsers: Browsers, sessions: Sessions, pages: PageViews, rng: np.random.Generator
) -> pl.DataFrame:
    """`identify(null, {mutinyVisitorId})`: on the first visit of each cookie, then now and then."""
    people = browsers.people
    human = sessions.human
    new_cookie = (sessions.number == 0) | (sessions.anon == people.size + human)
    again: Bools = rng.random(len(human)) < 0.25
    rows = np.flatnonzero(people.has_mutiny[human] & (new_cookie | again))
    human, anon = human[rows], sessions.anon[rows]
    t = sessions.starts_at[rows] + rng.integers(900, 2_600, len(rows))
    landing = pages.page[pages.is_landing][rows]
    return batch(
        Kind.MUTINY_IDENTIFY,
        t,
        human=human,
        anon=anon,
        user=browsers.user(human, anon, t),
        mutiny=browsers.mutiny(human),
        consent=people.consent[human],
        page=landing,
        campaign=sessions.campaign[rows],
        referrer=sessions.referrer[rows],
    )


def _rows(columns: dict[str, Ints], rows: Ints) -> dict[str, Ints]:
    return {name: values[rows] for name, values in columns.items()}
