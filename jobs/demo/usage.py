"""What users do once logged in: the product, the phone, the billing service, Engage."""

import numpy as np
import polars as pl

from jobs.demo.company import AUDIENCES, DAY_MS, FEATURES, HOUR_MS, SCREENS, SECOND_MS
from jobs.demo.conversions import account_logins
from jobs.demo.ledger import Bools, Ints, Kind, Routing, batch
from jobs.demo.outcomes import Outcomes
from jobs.demo.population import APP_ONLY, Population
from jobs.demo.visits import Sessions
from jobs.demo.website import Browsers

Uses = tuple[Ints, Ints, Ints]
"""Uses of the product: person, anonymous id, time of the login that opens it."""


def usage_messages(
    browsers: Browsers, sessions: Sessions, outcomes: Outcomes, rng: np.random.Generator
) -> list[pl.DataFrame]:
    """The ledger rows of every use of the product, and of what the servers add."""
    people = browsers.people
    uses = _uses(people, sessions, outcomes, account_logins(browsers, outcomes), rng)
    human, _, t = uses
    users, first = np.unique(human, return_index=True)
    return [
        *_product_messages(browsers, uses, rng),
        *_server_messages(people, users, t[first], rng),
        *_audience_messages(people, users, t[first], rng),
    ]


def _uses(
    people: Population,
    sessions: Sessions,
    outcomes: Outcomes,
    accounts: Uses,
    rng: np.random.Generator,
) -> Uses:
    """A login after visits to the website, one with each new account, more from the app."""
    visits = np.flatnonzero(sessions.logs_in)
    visit_t = sessions.ends_at[visits] + rng.integers(15_000, 80_000, len(visits))
    app_users = np.flatnonzero(people.login_place == APP_ONLY)
    count = rng.geometric(0.33, len(app_users))
    app = np.repeat(app_users, count)
    app_t = people.arrives_at[app] + (rng.exponential(6.0, len(app)) * DAY_MS).astype(np.int64)
    opened = np.flatnonzero(outcomes.opens_account | people.links_website)
    phone = np.repeat(opened, rng.poisson(0.7, len(opened)))
    since = np.where(people.is_customer, people.arrives_at, outcomes.account_at)[phone]
    phone_t = since + (rng.uniform(0.2, 9.0, len(phone)) * DAY_MS).astype(np.int64)
    own = 2 * people.size
    parts = (
        (sessions.human[visits], sessions.anon[visits], visit_t),
        accounts,
        (app, own + app, app_t),
        (phone, own + phone, phone_t),
    )
    human, anon, t = (np.concatenate(column) for column in zip(*parts, strict=True))
    kept = np.flatnonzero(t < people.end)
    kept = kept[np.lexsort((t[kept], human[kept]))]
    return human[kept], anon[kept], t[kept]


def _product_messages(
    browsers: Browsers, uses: Uses, rng: np.random.Generator
) -> list[pl.DataFrame]:
    people = browsers.people
    human, anon, t = uses
    in_app = anon >= 2 * people.size

    def product(kind: Kind, rows: Ints, moments: Ints, **columns: Ints) -> pl.DataFrame:
        return batch(
            kind,
            moments,
            human=human[rows],
            anon=anon[rows],
            user=human[rows],
            group=people.group[human[rows]],
            consent=people.consent[human[rows]],
            **columns,
        )

    every = np.arange(len(human))
    mutiny = np.where(in_app, -1, browsers.mutiny(human))
    grouped = np.flatnonzero(rng.random(len(human)) < 0.4)
    count = np.minimum(rng.geometric(0.22, len(human)), 25)
    action = np.repeat(every, count)
    step = rng.integers(8 * SECOND_MS, 240 * SECOND_MS, len(action)).cumsum()
    first_row = np.repeat(np.cumsum(count) - count, count)
    moments = t[action] + 3 * SECOND_MS + step - step[first_row]
    is_view: Bools = rng.random(len(action)) < 0.45
    feature = np.flatnonzero(~is_view)
    page = np.flatnonzero(is_view & ~in_app[action])
    screen = np.flatnonzero(is_view & in_app[action])
    numbers = rng.integers(0, 20 * len(FEATURES) * len(SCREENS), len(action))
    return [
        product(Kind.LOGIN, every, t, mutiny=mutiny),
        product(Kind.GROUP, grouped, t[grouped] + 1_200),
        product(Kind.FEATURE, action[feature], moments[feature], detail=numbers[feature]),
        product(Kind.APP_PAGE, action[page], moments[page], detail=numbers[page]),
        product(Kind.SCREEN, action[screen], moments[screen], detail=numbers[screen]),
    ]


def _server_messages(
    people: Population, users: Ints, first_use: Ints, rng: np.random.Generator
) -> list[pl.DataFrame]:
    """The billing service knows users only by their user id."""
    t = first_use + rng.integers(2 * SECOND_MS, 30 * SECOND_MS, len(users))
    billed = users[people.is_customer[users]]
    span = people.end - people.start
    billed_t = people.start + rng.integers(0, span, len(billed)) // (6 * HOUR_MS) * (6 * HOUR_MS)
    billed_t += rng.integers(0, 9 * SECOND_MS, len(billed))
    return [
        batch(Kind.USER_TRAITS, t, human=users, user=users, group=people.group[users]),
        batch(Kind.INVOICE, billed_t, human=billed, user=billed, group=people.group[billed]),
    ]


def _audience_messages(
    people: Population, users: Ints, first_use: Ints, rng: np.random.Generator
) -> list[pl.DataFrame]:
    """Engage tells who enters an audience and, for some, that they left it again."""
    member = np.repeat(users, rng.poisson(0.8, len(users)))
    since = np.zeros(people.size, np.int64)
    since[users] = first_use
    audience = rng.integers(0, len(AUDIENCES), len(member))
    entered = since[member] + rng.integers(6 * HOUR_MS, 3 * DAY_MS, len(member))
    leaves = np.flatnonzero(rng.random(len(member)) < 0.35)
    left = entered[leaves] + rng.integers(DAY_MS, 12 * DAY_MS, len(leaves))
    routing = rng.choice((Routing.ONLY_MUTINY, Routing.ALL_OFF), len(member), p=(0.8, 0.2))
    told = {"human": member, "user": member, "routing": routing}
    told_again = {name: values[leaves] for name, values in told.items()}
    return [
        batch(Kind.AUDIENCE, entered, detail=2 * audience + 1, **told),
        batch(Kind.AUDIENCE, left, detail=2 * audience[leaves], **told_again),
    ]
