"""Traits of people and accounts, by the number of the person and of the group."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from jobs.demo.company import PLANS
from jobs.demo.fragments import digits, join, padded, pick
from jobs.demo.identifiers import Identifiers
from jobs.demo.population import Population

# fmt: off
_FIRST_NAMES = (
    "Amara", "Ben", "Carla", "Dmitri", "Elif", "Farid", "Grace", "Hugo", "Ines", "Jonas",
    "Keiko", "Liam", "Mei", "Nadia", "Oscar", "Priya", "Quinn", "Rosa", "Samuel", "Tara",
    "Umar", "Vera", "Wei", "Yara", "Zoe",
)
_LAST_NAMES = (
    "Abbott", "Bauer", "Costa", "Diaz", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito",
    "Jansen", "Kowalski", "Lopez", "Moreau", "Novak", "Okafor", "Patel", "Rossi", "Schmidt",
    "Tanaka", "Usman", "Vargas", "Weber", "Young", "Zhang",
)
_TITLES = (
    "Operations Manager", "Head of Planning", "Workforce Analyst", "Plant Manager", "COO",
    "Supply Chain Lead", "Finance Director", "Shift Supervisor",
)
_HEADS = (
    "Alder", "Birch", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbor", "Indigo",
    "Juniper", "Kestrel", "Lumen", "Meridian", "Nordic", "Orchard", "Pioneer", "Quarry",
    "Summit",
)
# fmt: on
_TAILS = ("Foods", "Logistics", "Systems", "Capital", "Health", "Retail", "Works", "Energy")
_INDUSTRIES = ("Manufacturing", "Software", "Financial services")
_EMPLOYEES = ((60, 900), (4, 49), (1_000, 24_000))


@dataclass(frozen=True)
class Profiles:
    """Members of a JSON object: traits of people, of groups, and of leads that have no user id."""

    person: pl.Series
    lead: pl.Series
    account: pl.Series
    email: pl.Series
    plan: pl.Series


def describe_people(
    people: Population, identifiers: Identifiers, rng: np.random.Generator
) -> Profiles:
    """Draw names, addresses and accounts."""
    groups = np.arange(len(identifiers.group))
    company = join(
        pick(_HEADS, rng.integers(0, len(_HEADS), len(groups))),
        " ",
        pick(_TAILS, rng.integers(0, len(_TAILS), len(groups))),
    )
    low, high = np.array(_EMPLOYEES)[groups % 3].T
    employees = digits((low * (high / low) ** rng.random(len(groups))).astype(np.int64))
    industry = pick(_INDUSTRIES, groups // 3 % 3)
    plan = rng.choice(len(PLANS), len(groups), p=(0.5, 0.35, 0.15))
    domain = join(company.str.to_lowercase().str.replace(" ", "-"), digits(groups), ".example")
    company_traits = join(
        *('"company":{"id":"', identifiers.group, '","name":"', company),
        *('","industry":"', industry, '","employee_count":', employees),
        *(',"plan":"', pick(PLANS, plan), '"},"employees":', employees),
    )
    account = join(
        *('"name":"', company, '","industry":"', industry, '","employees":', employees),
        *(',"plan":"', pick(PLANS, plan), '","website":"https://www.', domain, '"'),
        *(',"total billed":', digits(rng.integers(0, 90_000, len(groups)))),
    )

    number = np.arange(people.size)
    first = pick(_FIRST_NAMES, rng.integers(0, len(_FIRST_NAMES), people.size))
    last = pick(_LAST_NAMES, rng.integers(0, len(_LAST_NAMES), people.size))
    own_domain = pick(domain, people.group)
    local = join(first.str.to_lowercase(), ".", last.str.to_lowercase(), digits(number % 97))
    email = join(local, "@", own_domain)
    title = pick(_TITLES, rng.integers(0, len(_TITLES), people.size))
    created = _creation_dates(people, rng)
    return Profiles(
        person=join(
            *('"email":"', email, '","firstName":"', first, '","lastName":"', last),
            *('","title":"', title, '","createdAt":"', created, '",'),
            pick(company_traits, people.group),
        ),
        lead=join('"email":"', email, '","name":"', first, " ", last, '","title":"', title, '"'),
        account=account,
        email=email,
        plan=pick(PLANS, plan[people.group]),
    )


def _creation_dates(people: Population, rng: np.random.Generator) -> pl.Series:
    """A customer has been one since a day of the last three years."""
    year = rng.integers(2023, 2026, people.size)
    month, day = rng.integers(1, 13, people.size), rng.integers(1, 29, people.size)
    return join(
        *(digits(year), "-", padded(month, 2), "-", padded(day, 2)),
        *("T", padded(rng.integers(7, 20, people.size), 2), ":00:00.000Z"),
    )
