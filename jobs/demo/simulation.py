"""The month of the company: people, visits and outcomes as one ledger of messages."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from jobs.demo.company import DAY_MS, LAST_DAY
from jobs.demo.conversions import (
    conversion_messages,
    note_account_logins,
    number_orders,
    stray_conversions,
)
from jobs.demo.devices import Devices, describe_devices
from jobs.demo.identifiers import Identifiers, is_reject, message_ids, name_identifiers
from jobs.demo.imperfections import blur_messages, receive_messages, repeat_messages
from jobs.demo.oddities import odd_messages, rename_users
from jobs.demo.outcomes import Outcomes, draw_outcomes
from jobs.demo.population import Population, draw_population
from jobs.demo.profiles import Profiles, describe_people
from jobs.demo.usage import usage_messages
from jobs.demo.visits import Views, draw_page_views, draw_sessions, draw_views
from jobs.demo.website import browsers_without_logins, website_messages

SMALL_VISITORS = 5_000
"""Smaller demos land a file a week and source instead of one a day, to stay a few small files."""


@dataclass(frozen=True)
class Simulation:
    """All that happened: who people are, what they did, and every message in order of receipt.

    `rows` are ledger rows with the source, the times and the message id of each message;
    `file_days` is how many days of receipt share a landed file.
    """

    seed: int
    days: int
    file_days: int
    people: Population
    views: Views
    outcomes: Outcomes
    rows: pl.DataFrame
    identifiers: Identifiers
    profiles: Profiles
    devices: Devices

    def file_start(self, number: int) -> date:
        """The first day of receipt of the `number`-th file of a source."""
        start = datetime.fromtimestamp(self.people.start / 1_000, UTC).date()
        return start + timedelta(days=number * self.file_days)


def simulate_company(visitors: int, days: int, seed: int) -> Simulation:
    """Draw everything that happens in the `days` up to the last day of the demo."""
    last = datetime.fromisoformat(LAST_DAY).replace(tzinfo=UTC)
    end = int(last.timestamp() * 1_000) + DAY_MS
    # A stream of random numbers for each part, so that a change of one leaves the others alone.
    streams = (np.random.Generator(np.random.PCG64(part)) for part in _parts(seed))
    people = draw_population(visitors, end - days * DAY_MS, end, next(streams))
    rng = next(streams)
    sessions, pages = draw_page_views(people, draw_sessions(people, rng), rng)
    views = draw_views(people, sessions, pages, rng)
    outcomes = draw_outcomes(people, sessions, views, next(streams))
    browsers = note_account_logins(browsers_without_logins(people, sessions), outcomes, sessions)

    rng = next(streams)
    rows = pl.concat(
        [
            *website_messages(browsers, sessions, pages, views, rng),
            *conversion_messages(browsers, outcomes, rng),
            *stray_conversions(browsers, outcomes, rng),
            *usage_messages(browsers, sessions, outcomes, rng),
            *odd_messages(people, rng),
        ]
    )
    rows = rename_users(number_orders(rows, rng), people, rng)

    rng = next(streams)
    rows = receive_messages(blur_messages(rows, people, rng), people, rng)
    rows = rows.sort("source", "received", "t", maintain_order=True)
    rows = rows.with_columns(message_id=message_ids(rows, visitors, rng), is_reject=is_reject(rows))
    file_days = 7 if visitors < SMALL_VISITORS else 1
    rows = repeat_messages(rows, people, file_days, rng)

    rng = next(streams)
    identifiers = name_identifiers(people, rng)
    return Simulation(
        seed=seed,
        days=days,
        file_days=file_days,
        people=people,
        views=views,
        outcomes=outcomes,
        rows=rows.sort("source", "received", maintain_order=True),
        identifiers=identifiers,
        profiles=describe_people(people, identifiers, rng),
        devices=describe_devices(people, rng),
    )


def _parts(seed: int) -> list[np.random.SeedSequence]:
    return np.random.SeedSequence(seed).spawn(6)
