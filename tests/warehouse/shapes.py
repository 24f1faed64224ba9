"""Identities of awkward shapes: long chains, large stars, hubs, cliques, loops, shared devices."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

Row = dict[str, Any]

START = datetime(2026, 5, 1)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DEVICES = 100_000
CHAIN = 1_000
CLIQUE = 30
STAR = 50
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "type": pl.String, "at": pl.Datetime("us"), "user": pl.String, "device": pl.String,
    "visitor": pl.String, "previous": pl.String, "id": pl.String,
}  # fmt: skip


def chain_links(order: str) -> list[int]:
    """When each link of a chain was first seen, in minutes from the start, by its place."""
    links = list(range(2 * CHAIN - 1))
    if order == "decreasing":
        links.reverse()
    elif order == "shuffled":
        Random(1).shuffle(links)
    return links


def chain(order: str) -> list[Row]:
    """a0 - v0 - a1 - v1 - … of devices and visitor ids, a link a message."""
    return [
        identify(
            START + minute * MINUTE,
            device=f"{order}-a{(place + 1) // 2}",
            visitor=f"{order}-v{place // 2}",
        )
        for place, minute in enumerate(chain_links(order))
    ]


def kiosk(name: str, users: Iterable[int]) -> list[Row]:
    """A device on which one user after the other logs in, an hour each."""
    return [page(START + i * HOUR, f"{name}-u{i}", name) for i in users]


def star(name: str, start: datetime) -> list[Row]:
    """Devices around one visitor id, a minute each."""
    return [
        identify(start + i * MINUTE, device=f"{name}-a{i}", visitor=f"{name}-v")
        for i in range(STAR)
    ]


def users_clique() -> list[Row]:
    """Users seen one a minute, and the next day each made an alias of each other."""
    users = [f"clique-u{i}" for i in range(CLIQUE)]
    return [page(START + i * MINUTE, user) for i, user in enumerate(users)] + [
        alias(START + 24 * HOUR + i * MINUTE, *(pair if i % 2 else reversed(pair)))
        for i, pair in enumerate(combinations(users, 2))
    ]


def devices_clique() -> list[Row]:
    """Each of many devices with each of as many visitor ids."""
    return [
        identify(START + (a * CLIQUE + v) * MINUTE, device=f"mesh-a{a}", visitor=f"mesh-v{v}")
        for a in range(CLIQUE)
        for v in range(CLIQUE)
    ]


def loop() -> list[Row]:
    """Users a, b and c, each the alias of the one before, and a of c."""
    users = [f"loop-{name}" for name in "abc"]
    seen = [page(START + i * HOUR, user) for i, user in enumerate(users)]
    ring = pairwise([*users, users[0]])
    return seen + [
        alias(START + (24 + i) * HOUR, user, previous) for i, (previous, user) in enumerate(ring)
    ]


def shared_device() -> list[Row]:
    """Ten users log in at full hours and somebody browses half an hour before each and at last."""
    logins = [page(START + i * HOUR, f"shared-u{i}", "shared") for i in range(1, 11)]
    return logins + [
        page(START + i * HOUR - 30 * MINUTE, None, "shared", f"browsed-{i}") for i in range(1, 12)
    ]


def end_of_time() -> list[Row]:
    """Two users log in at the last instant there is, one of them twice."""
    return [page(datetime.max, f"end-u{i}", "end", f"end-{n}") for n, i in enumerate([1, 2, 1])]


def many_devices() -> pl.DataFrame:
    """One user who logs in on another device every second."""
    number = pl.int_range(DEVICES)
    return pl.select(
        pl.lit("page").alias("type"),
        (START + number * timedelta(seconds=1)).cast(pl.Datetime("us")).alias("at"),
        pl.lit("big").alias("user"),
        ("big-a" + number.cast(pl.String)).alias("device"),
        ("big-m" + number.cast(pl.String)).alias("id"),
        *(pl.lit(None, pl.String).alias(name) for name in ("visitor", "previous")),
    ).select(*SCHEMA)


def page(at: datetime, user: str | None, device: str | None = None, id: str | None = None) -> Row:
    return {"type": "page", "at": at, "user": user, "device": device, "id": id}


def identify(at: datetime, *, device: str, visitor: str, id: str | None = None) -> Row:
    return {"type": "identify", "at": at, "device": device, "visitor": visitor, "id": id}


def alias(at: datetime, user: str, previous: str) -> Row:
    return {"type": "alias", "at": at, "user": user, "previous": previous}


FIRST_NIGHT: list[Row] = [
    *chain("increasing"),
    *chain("decreasing"),
    *chain("shuffled"),
    *kiosk("hundred", range(100)),
    *kiosk("hub", range(101)),
    *kiosk("growing", range(100)),
    *star("early", START),
    *star("late", START + 24 * HOUR),
    *users_clique(),
    *devices_clique(),
    *loop(),
    *shared_device(),
    *end_of_time(),
]
SECOND_NIGHT: list[Row] = [
    *kiosk("growing", [100]),
    identify(START + 48 * HOUR, device="early-a7", visitor="late-v", id="the-link"),
]


def land(rows: pl.DataFrame | list[Row], path: Path) -> None:
    """Write messages as a file of the raw layout; those without an id are named after the file."""
    named = pl.DataFrame(rows, SCHEMA).with_columns(
        pl.col("id").fill_null(f"{path.stem}-" + pl.int_range(pl.len()).cast(pl.String))
    )
    traits = {
        visitor: json.dumps({"mutinyVisitorId": visitor})
        for visitor in named["visitor"].drop_nulls().unique()
    }
    named.select(
        pl.col("id").alias("messageId"),
        "type",
        pl.col("user").alias("userId"),
        pl.col("device").alias("anonymousId"),
        pl.col("previous").alias("previousId"),
        pl.col("visitor").replace_strict(traits, return_dtype=pl.String).alias("traits"),
        pl.col("at").alias("timestamp"),
        pl.col("at").alias("receivedAt"),
    ).write_parquet(path)
