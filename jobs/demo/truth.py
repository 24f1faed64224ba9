"""The truth of a demo: what a correct warehouse must count, and the lift that was drawn.

Visitors and converters are derived from the ledger, without SQL and without reading what landed.
The true rate of an arm is the probability that a visitor converts inside the window, if everybody
were in that arm, times the share of conversions that the messages reveal (the same in both arms).
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from jobs.demo.company import (
    BASE_RATES,
    CONVERSIONS,
    CUSTOMER_FACTORS,
    DEMO_REQUEST,
    EXPERIENCES,
    ORDER,
    SIGNUP,
    VENDOR,
    WINDOW_DAYS,
    WINDOW_MS,
)
from jobs.demo.identity_truth import resolve_persons
from jobs.demo.ledger import Consent, Floats, Form, Kind, Routing, Source
from jobs.demo.outcomes import conversion_effects
from jobs.demo.simulation import Simulation
from jobs.demo.target import GENERATOR
from jobs.demo.visits import NEVER

ALL = "(all)"
ARMS = ("control", "personalized")
_CONVERSION_KINDS = {
    Kind.PRODUCT_SIGNUP: SIGNUP,
    Kind.BACKEND_SIGNUP: SIGNUP,
    Kind.ORDER: ORDER,
    Kind.DEMO_REQUEST: DEMO_REQUEST,
}
_MESSAGE_ORDER = ("occurred", "received", "message_id")


def derive_truth(simulation: Simulation) -> dict[str, Any]:
    """The content of `truth.json`."""
    rows = simulation.rows.filter(~pl.col("is_duplicate") & ~pl.col("is_reject"))
    person = resolve_persons(rows, simulation.people.size)
    counted = rows.with_columns(person=pl.Series(person)).filter(
        ~pl.col("excluded") & (pl.col("person") >= 0)
    )
    first_views = _first_views(counted)
    conversions = _received_conversions(counted)
    return {
        "generator": GENERATOR,
        "seed": simulation.seed,
        "visitors": simulation.people.size,
        "days": simulation.days,
        "messages": simulation.rows.height,
        "as_of": _iso_time(rows["received"].to_numpy().max()),
        "accounts": _accounts(counted),
        "results": _results(simulation, first_views, conversions),
        "design": _design(simulation),
    }


def write_truth(path: Path, truth: dict[str, Any]) -> None:
    """Write the truth as indented JSON."""
    path.write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")


def _accounts(counted: pl.DataFrame) -> dict[str, int]:
    """How many accounts messages name, and how many pairs of a person and an account."""
    namers = [int(Source.PRODUCT), int(Source.BACKEND)]
    named = counted.filter(pl.col("source").is_in(namers) & (pl.col("group") >= 0))
    return {
        "accounts": named["group"].n_unique(),
        "memberships": named.select("person", "group").n_unique(),
    }


def _first_views(counted: pl.DataFrame) -> pl.DataFrame:
    """One row per experience, audience segment (-1: all) and person: the first view and its arm."""
    complete = [int(Form.BOOLEAN), int(Form.TEXT)]
    views = counted.filter((pl.col("kind") == int(Kind.EXPOSURE)) & pl.col("form").is_in(complete))
    grain = ("experience", "segment", "person")
    return (
        pl.concat([views, views.with_columns(segment=pl.lit(-1, pl.Int8))])
        .sort(*_MESSAGE_ORDER)
        .unique(grain, keep="first", maintain_order=True)
        .select(*grain, "arm", first_exposed_at="occurred")
    )


def _received_conversions(counted: pl.DataFrame) -> pl.DataFrame:
    """The conversions that the vendor received; of an order id only the first message."""
    received = counted.filter(
        pl.col("kind").is_in([int(kind) for kind in _CONVERSION_KINDS])
        & ~pl.col("routing").is_in([int(Routing.ALL_OFF), int(Routing.MUTINY_OFF)])
        & (pl.col("consent") != int(Consent.REFUSED))
    ).sort(*_MESSAGE_ORDER)
    is_order = pl.col("kind") == int(Kind.ORDER)
    orders = received.filter(is_order).unique("order", keep="first", maintain_order=True)
    number = {int(kind): conversion for kind, conversion in _CONVERSION_KINDS.items()}
    return pl.concat([orders, received.filter(~is_order)]).select(
        "person",
        conversion=pl.col("kind").replace_strict(number, return_dtype=pl.Int64),
        converted_at="occurred",
    )


def _results(
    simulation: Simulation, first_views: pl.DataFrame, conversions: pl.DataFrame
) -> list[dict[str, Any]]:
    grain = ["experience", "segment", "arm"]
    visitors = {
        (experience, segment, arm): count
        for experience, segment, arm, count in first_views.group_by(grain).len().iter_rows()
    }
    since = pl.col("converted_at") - pl.col("first_exposed_at")
    converted = (
        first_views.join(conversions, on="person")
        .filter((since >= 0) & (since < WINDOW_MS))
        .group_by([*grain, "conversion"])
        .agg(pl.col("person").n_unique())
    )
    converters = {tuple(row[:4]): row[4] for row in converted.iter_rows()}

    results = []
    for experience, entry in enumerate(EXPERIENCES):
        for segment, name in [*_segment_names(experience), (-1, ALL)]:
            drawn, revealed = _rates(simulation, experience, segment)
            for conversion, label in enumerate(CONVERSIONS):
                control, personalized = revealed[:, conversion].tolist()
                results.append(
                    {
                        "vendor": VENDOR,
                        "experience": entry.name,
                        "audience_segment": name,
                        "conversion": label,
                        "window_days": WINDOW_DAYS,
                        "arms": {
                            arm: {
                                "visitors": visitors.get((experience, segment, number), 0),
                                "converters": converters.get(
                                    (experience, segment, number, conversion), 0
                                ),
                                "true_rate": round(revealed[number, conversion].item(), 9),
                                "drawn_rate": round(drawn[number, conversion].item(), 9),
                            }
                            for number, arm in enumerate(ARMS)
                        },
                        "true_lift": round(personalized / control - 1, 9) if control else None,
                    }
                )
    return results


def _rates(simulation: Simulation, experience: int, segment: int) -> tuple[Floats, Floats]:
    """Mean probability by arm (rows) and conversion (columns), as drawn and as revealed.

    Over everybody who sees the experience in the audience segment, whatever arm they were in; the
    other experiences are taken at their even split.
    """
    people, views, outcomes = simulation.people, simulation.views, simulation.outcomes
    members = views.first_seen_at[:, experience] != NEVER
    if segment >= 0:
        members &= people.segments[:, experience] == segment
    if not members.any():
        nothing = np.zeros((len(ARMS), len(CONVERSIONS)))
        return nothing, nothing
    control = outcomes.potential
    for other in range(len(EXPERIENCES)):
        if other != experience:
            control = control * (1 + conversion_effects(people, views, other)) / 2
    personalized = control * conversion_effects(people, views, experience)
    arms = np.stack([control[members], personalized[members]])
    return arms.mean(axis=1), (arms * outcomes.reveals[members]).mean(axis=1)


def _design(simulation: Simulation) -> dict[str, Any]:
    """The rates as the company defines them, before anybody is drawn."""
    return {
        "split": 0.5,
        "file_days": simulation.file_days,
        "base_rates": _by_conversion(BASE_RATES),
        "customer_factors": _by_conversion(CUSTOMER_FACTORS),
        "experiences": [
            {
                "experience": experience.name,
                "page": experience.page,
                "segments": [
                    {
                        "audience_segment": segment.name,
                        "share": segment.share,
                        "rate_factors": _by_conversion(segment.rates),
                        "effects": _by_conversion(segment.effects),
                    }
                    for segment in experience.segments
                ],
            }
            for experience in EXPERIENCES
        ],
    }


def _by_conversion(values: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip(CONVERSIONS, values, strict=True))


def _segment_names(experience: int) -> list[tuple[int, str]]:
    return [(n, segment.name) for n, segment in enumerate(EXPERIENCES[experience].segments)]


def _iso_time(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(int(milliseconds) / 1_000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
