"""Outcomes: who converts, when, and whether the messages can tell.

Everything but the conversion itself is drawn for everybody, converted or not. So the share of
conversions that the messages reveal is known exactly and is the same in both arms.
"""

from dataclasses import dataclass

import numpy as np

from jobs.demo.company import (
    BASE_RATES,
    CONVERSIONS,
    CUSTOMER_FACTORS,
    DEMO_REQUEST,
    EXPERIENCES,
    HOUR_MS,
    MINUTE_MS,
    ORDER,
    SECOND_MS,
    SIGNUP,
    WINDOW_MS,
)
from jobs.demo.ledger import Bools, Consent, Floats, Ints, Routing
from jobs.demo.population import Population
from jobs.demo.visits import NEVER, Sessions, Views

SAME_BROWSER, ALIASED, LINKED_LATER, ELSEWHERE = range(4)
"""Where a prospect creates the account; ELSEWHERE stays another person to the messages."""
ACCOUNT_SHARES = (0.80, 0.05, 0.08, 0.07)
LOST_SHARE = 0.02
"""Conversions that the integrations object keeps from the vendor."""
RESENT_SHARE = 0.04
"""Orders that the billing service sends once more, with the same order id."""


@dataclass(frozen=True)
class Outcomes:
    """What happens to each person; arrays with two axes have a column per conversion.

    `probability` is what the draw used, `reveals` whether a conversion of the person would count.
    """

    first_seen_at: Ints
    all_seen_at: Ints
    is_exposed: Bools
    converts: Bools
    converts_at: Ints
    account: Ints
    account_at: Ints
    linked_at: Ints
    signs_up_in_product: Bools
    routing: Ints
    resends_order: Bools
    reveals: Bools
    potential: Floats
    probability: Floats

    @property
    def opens_account(self) -> Bools:
        """Prospects that become users inside the window."""
        return np.not_equal(self.account_at, NEVER)


def conversion_factors(people: Population, views: Views) -> Floats:
    """Probability of each person's conversions if every experience stayed in its control arm."""
    factors = np.tile(np.array(BASE_RATES), (people.size, 1))
    factors[people.is_customer] *= np.array(CUSTOMER_FACTORS)
    for number, experience in enumerate(EXPERIENCES):
        seen = views.first_seen_at[:, number] != NEVER
        rates = np.array([segment.rates for segment in experience.segments])
        factors[seen] *= rates[people.segments[seen, number]]
    return factors


def conversion_effects(people: Population, views: Views, experience: int) -> Floats:
    """What the personalized arm of `experience` multiplies each person's probabilities with."""
    effects = np.ones((people.size, len(CONVERSIONS)))
    seen = views.first_seen_at[:, experience] != NEVER
    table = np.array([segment.effects for segment in EXPERIENCES[experience].segments])
    effects[seen] = table[people.segments[seen, experience]]
    return effects


def draw_outcomes(
    people: Population, sessions: Sessions, views: Views, rng: np.random.Generator
) -> Outcomes:
    """Draw every person's conversions; one moment lies in the windows of all experiences seen."""
    size = people.size
    potential = conversion_factors(people, views)
    probability = potential.copy()
    for number in range(len(EXPERIENCES)):
        treated = views.first_arm[:, number] == 1
        probability[treated] *= conversion_effects(people, views, number)[treated]
    converts = rng.random((size, len(CONVERSIONS))) < probability

    seen_at = np.where(views.first_seen_at == NEVER, -1, views.first_seen_at)
    is_exposed = seen_at.max(axis=1) >= 0
    first_seen_at = np.where(is_exposed, views.first_seen_at.min(axis=1), people.arrives_at)
    all_seen_at = np.where(is_exposed, seen_at.max(axis=1), people.arrives_at)
    at = _draw_moments(all_seen_at, WINDOW_MS - (all_seen_at - first_seen_at), rng)

    customer = people.is_customer
    account = rng.choice(len(ACCOUNT_SHARES), size, p=ACCOUNT_SHARES)
    before_signup = at[:, SIGNUP] - rng.integers(20 * SECOND_MS, 60 * SECOND_MS, size)
    before_order = at[:, ORDER] - rng.integers(2 * MINUTE_MS, 8 * MINUTE_MS, size)
    opens_at = np.where(converts[:, SIGNUP], before_signup, before_order)
    opens = ~customer & (converts[:, SIGNUP] | converts[:, ORDER])
    lag = rng.integers(HOUR_MS, 24 * HOUR_MS, size)
    linked_at = np.where(account == LINKED_LATER, before_order + lag, at[:, SIGNUP])
    in_product = (account != ALIASED) & (rng.random(size) < 0.7)

    lost = np.where(rng.random((size, 3)) < 0.5, Routing.ALL_OFF, Routing.MUTINY_OFF)
    other = np.where(rng.random((size, 3)) < 0.1, Routing.MIXPANEL_OFF, Routing.EMPTY)
    routing = np.where(rng.random((size, 3)) < LOST_SHARE, lost, other)
    resends = rng.random(size) < RESENT_SHARE
    delivered = _delivers(people, in_product, routing, resends)
    return Outcomes(
        first_seen_at=first_seen_at,
        all_seen_at=all_seen_at,
        is_exposed=is_exposed,
        converts=converts,
        converts_at=at,
        account=account,
        account_at=np.where(opens, opens_at, NEVER),
        linked_at=linked_at,
        signs_up_in_product=in_product,
        routing=routing,
        resends_order=resends,
        reveals=delivered & _ties(people, sessions, at, account, linked_at),
        potential=potential,
        probability=probability,
    )


def _draw_moments(since: Ints, room: Ints, rng: np.random.Generator) -> Ints:
    """When each conversion would happen: mostly within a day or two, an order after its sign-up."""
    span = room - 6 * HOUR_MS
    moments = np.empty((len(since), len(CONVERSIONS)), np.int64)
    for conversion in (SIGNUP, DEMO_REQUEST):
        delay = rng.random(len(since)) ** 2.5 * span
        moments[:, conversion] = since + 10 * MINUTE_MS + delay.astype(np.int64)
    later = rng.integers(10 * MINUTE_MS, 3 * HOUR_MS, len(since))
    moments[:, ORDER] = moments[:, SIGNUP] + later
    return moments


def _delivers(people: Population, in_product: Bools, routing: Ints, resends: Bools) -> Bools:
    """Whether the vendor receives each person's conversion: consent and the integrations object."""
    delivered = np.isin(routing, (Routing.EMPTY, Routing.MIXPANEL_OFF))
    delivered[:, ORDER] |= resends
    refuses = people.consent == Consent.REFUSED
    delivered[:, DEMO_REQUEST] &= ~refuses
    delivered[:, SIGNUP] &= ~(refuses & in_product)
    return delivered


def _ties(
    people: Population, sessions: Sessions, at: Ints, account: Ints, linked_at: Ints
) -> Bools:
    """Whether a conversion lands in time, under an id that is tied to the visitor's browser."""
    logged_in = np.zeros(people.size, np.bool_)
    logged_in[sessions.human[sessions.logs_in]] = True
    linked = (account == SAME_BROWSER) | (account == ALIASED)
    linked |= (account == LINKED_LATER) & (linked_at < people.end - HOUR_MS)
    known = np.where(people.is_customer, logged_in, linked)
    landed = at < people.end - HOUR_MS
    landed[:, SIGNUP] &= known
    landed[:, ORDER] &= known
    return landed
