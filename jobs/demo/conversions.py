"""What a conversion sends: accounts, sign-ups, orders, demo requests, in and out of the windows."""

import numpy as np
import polars as pl

from jobs.demo.company import (
    DAY_MS,
    DEMO_PAGE,
    DEMO_REQUEST,
    HOUR_MS,
    MINUTE_MS,
    ORDER,
    REFERRERS,
    SECOND_MS,
    SIGNUP,
    SIGNUP_PAGE,
    WINDOW_MS,
)
from jobs.demo.ledger import Bools, Ints, Kind, Routing, batch
from jobs.demo.outcomes import ALIASED, ELSEWHERE, LINKED_LATER, SAME_BROWSER, Outcomes
from jobs.demo.population import LINKED, Population
from jobs.demo.visits import Sessions
from jobs.demo.website import Browsers, note_logins


def account_logins(browsers: Browsers, outcomes: Outcomes) -> tuple[Ints, Ints, Ints]:
    """Logins (person, anonymous id, time) of the prospects that open an account."""
    opens = outcomes.opens_account
    here = np.flatnonzero(opens & (outcomes.account == SAME_BROWSER))
    app = np.flatnonzero(opens & np.isin(outcomes.account, (LINKED_LATER, ELSEWHERE)))
    later = np.flatnonzero(opens & (outcomes.account == LINKED_LATER))
    here_t, later_t = outcomes.account_at[here], outcomes.linked_at[later]
    return (
        np.concatenate([here, app, later]),
        np.concatenate(
            [
                browsers.anon(here, here_t),
                2 * browsers.people.size + app,
                browsers.anon(later, later_t),
            ]
        ),
        np.concatenate([here_t, outcomes.account_at[app], later_t]),
    )


def conversion_messages(
    browsers: Browsers, outcomes: Outcomes, rng: np.random.Generator
) -> list[pl.DataFrame]:
    """The ledger rows of the conversions drawn by the design."""
    people = browsers.people
    aliased = np.flatnonzero(outcomes.opens_account & (outcomes.account == ALIASED))
    aliased_t = outcomes.account_at[aliased]
    signups = np.flatnonzero(outcomes.converts[:, SIGNUP])
    orders = np.flatnonzero(outcomes.converts[:, ORDER])
    demos = np.flatnonzero(outcomes.converts[:, DEMO_REQUEST])
    return [
        batch(Kind.USER_TRAITS, aliased_t, human=aliased, user=aliased),
        batch(
            Kind.ALIAS,
            aliased_t + 2 * SECOND_MS,
            human=aliased,
            user=aliased,
            previous_anon=browsers.anon(aliased, aliased_t),
        ),
        *_signups(browsers, outcomes, signups),
        *_orders(people, outcomes, orders, rng),
        *_demo_requests(
            browsers,
            demos,
            outcomes.converts_at[demos, DEMO_REQUEST],
            outcomes.routing[demos, DEMO_REQUEST],
        ),
    ]


def stray_conversions(
    browsers: Browsers, outcomes: Outcomes, rng: np.random.Generator
) -> list[pl.DataFrame]:
    """Conversions outside every window: before the first exposure and after the last window."""
    people = browsers.people
    chance = rng.random((5, people.size))
    back = rng.integers(4 * HOUR_MS, 8 * DAY_MS, people.size)
    before = np.minimum(people.arrives_at, outcomes.first_seen_at) - back
    ahead = rng.integers(HOUR_MS, 7 * DAY_MS, people.size)
    after = outcomes.all_seen_at + WINDOW_MS + ahead
    in_time = before > people.start
    customer = people.is_customer
    exposed = outcomes.is_exposed

    early_orders = np.flatnonzero(customer & in_time & (chance[0] < 0.15))
    # Some are sent again inside the window: the same order id, so still one order, and too early.
    replayed = early_orders[chance[0, early_orders] < 0.05]
    replayed_at = outcomes.all_seen_at[replayed] + DAY_MS + ahead[replayed] // 2
    order = np.full(people.size, -1)
    order[early_orders] = people.size + np.arange(len(early_orders))
    early_signups = np.flatnonzero(customer & in_time & (chance[1] < 0.15))
    late_orders = np.flatnonzero(customer & exposed & (chance[2] < 0.12))
    landed_on_demo = exposed & (chance[3] < 0.012) & (people.arrives_at > people.start + HOUR_MS)
    early_demos = np.flatnonzero(landed_on_demo)
    prospects = ~customer & exposed & ~outcomes.opens_account
    late_signups = np.flatnonzero(prospects & (chance[4] < 0.03))

    late_t = after[late_signups]
    late_anon = browsers.anon(late_signups, late_t)
    login = batch(
        Kind.LOGIN,
        late_t - 30 * SECOND_MS,
        human=late_signups,
        anon=late_anon,
        user=late_signups,
        mutiny=browsers.mutiny(late_signups),
        consent=people.consent[late_signups],
        group=people.group[late_signups],
    )
    return [
        batch(
            Kind.ORDER,
            before[early_orders],
            human=early_orders,
            user=early_orders,
            order=order[early_orders],
        ),
        batch(Kind.ORDER, replayed_at, human=replayed, user=replayed, order=order[replayed]),
        batch(Kind.BACKEND_SIGNUP, before[early_signups], human=early_signups, user=early_signups),
        batch(Kind.ORDER, after[late_orders], human=late_orders, user=late_orders),
        login,
        _product_signups(people, late_signups, late_t, late_anon, 0),
        *_demo_requests(browsers, early_demos, people.arrives_at[early_demos] - 3 * MINUTE_MS, 0),
    ]


def number_orders(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Give every order without a number one of its own, and refund a few of all orders."""
    is_new = (pl.col("kind") == int(Kind.ORDER)) & (pl.col("order") < 0)
    first = int(rows["order"].to_numpy().max(initial=-1)) + 1
    numbered = rows.with_columns(
        order=pl.when(is_new)
        .then(first + is_new.cast(pl.Int32).cum_sum() - 1)
        .otherwise(pl.col("order"))
        .cast(pl.Int32)
    )
    orders = numbered.filter(pl.col("kind") == int(Kind.ORDER)).unique(
        "order", keep="first", maintain_order=True
    )
    refunded = orders.filter(rng.random(orders.height) < 0.03)
    refunds = batch(
        Kind.REFUND,
        refunded["t"].to_numpy() + rng.integers(DAY_MS, 6 * DAY_MS, refunded.height),
        human=refunded["human"].to_numpy(),
        user=refunded["user"].to_numpy(),
        order=refunded["order"].to_numpy(),
    )
    return pl.concat([numbered, refunds])


def note_account_logins(browsers: Browsers, outcomes: Outcomes, sessions: Sessions) -> Browsers:
    """The browsers after the logins of customers on the website and of new accounts."""
    seen: Bools = sessions.logs_in & (browsers.people.login_place[sessions.human] == LINKED)
    noted = note_logins(browsers, sessions.human[seen], sessions.anon[seen], sessions.ends_at[seen])
    return note_logins(noted, *account_logins(noted, outcomes))


def _signups(browsers: Browsers, outcomes: Outcomes, signups: Ints) -> list[pl.DataFrame]:
    people = browsers.people
    t = outcomes.converts_at[signups, SIGNUP]
    routing = outcomes.routing[signups, SIGNUP]
    in_app = np.isin(outcomes.account[signups], (LINKED_LATER, ELSEWHERE))
    web_anon = browsers.anon(signups, t)
    anon = np.where(in_app, 2 * people.size + signups, web_anon)
    product = outcomes.signs_up_in_product[signups]
    backend = signups[~product]
    on_web = ~in_app
    page_t = t - 100 * SECOND_MS
    return [
        batch(
            Kind.PAGE,
            page_t[on_web],
            human=signups[on_web],
            anon=web_anon[on_web],
            consent=people.consent[signups[on_web]],
            page=SIGNUP_PAGE,
            referrer=len(REFERRERS),
        ),
        _product_signups(people, signups[product], t[product], anon[product], routing[product]),
        batch(
            Kind.BACKEND_SIGNUP, t[~product], human=backend, user=backend, routing=routing[~product]
        ),
    ]


def _product_signups(
    people: Population, human: Ints, t: Ints, anon: Ints, routing: Ints | int
) -> pl.DataFrame:
    return batch(
        Kind.PRODUCT_SIGNUP,
        t,
        human=human,
        anon=anon,
        user=human,
        routing=routing,
        consent=people.consent[human],
        group=people.group[human],
    )


def _orders(
    people: Population, outcomes: Outcomes, orders: Ints, rng: np.random.Generator
) -> list[pl.DataFrame]:
    t = outcomes.converts_at[orders, ORDER]
    routing = outcomes.routing[orders, ORDER]
    number = np.arange(len(orders))
    resent = np.flatnonzero(outcomes.resends_order[orders])
    resent_t = t[resent] + rng.integers(20 * SECOND_MS, 5 * MINUTE_MS, len(resent))
    more = np.flatnonzero(rng.random(len(orders)) < 0.25)
    more_t = t[more] + rng.integers(12 * HOUR_MS, 20 * DAY_MS, len(more))
    return [
        batch(Kind.ORDER, t, human=orders, user=orders, order=number, routing=routing),
        batch(
            Kind.ORDER,
            resent_t,
            human=orders[resent],
            user=orders[resent],
            order=number[resent],
            routing=Routing.EMPTY,
        ),
        batch(Kind.ORDER, more_t, human=orders[more], user=orders[more], routing=routing[more]),
    ]


def _demo_requests(
    browsers: Browsers, human: Ints, t: Ints, routing: Ints | int
) -> list[pl.DataFrame]:
    people = browsers.people
    anon = browsers.anon(human, t)
    user = browsers.user(human, anon, t - MINUTE_MS)
    common = {
        "human": human,
        "anon": anon,
        "user": user,
        "consent": people.consent[human],
        "page": DEMO_PAGE,
        "referrer": len(REFERRERS),
    }
    named = np.flatnonzero(user < 0)
    lead = {
        name: values[named] if isinstance(values, np.ndarray) else values
        for name, values in common.items()
    }
    return [
        batch(Kind.PAGE, t - 50 * SECOND_MS, **common),
        batch(Kind.DEMO_REQUEST, t, routing=routing, **common),
        batch(Kind.LEAD_IDENTIFY, t[named] + 900, **lead),
    ]
