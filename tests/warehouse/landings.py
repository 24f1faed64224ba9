"""What lies in a landing zone, night after night: files come, are rewritten, and go."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from tests.warehouse.oracle.messages import RawMessage

Payload = dict[str, Any]
# What a replay may have put right, each alone.
CHANGED = (
    ["userId"], ["anonymousId"], ["previousId"], ["traits"], ["context"],
    ["timestamp", "receivedAt"], ["type", "event", "previousId", "traits"],
)  # fmt: skip


def landings(
    rng: Random, messages: Sequence[RawMessage], nights: int
) -> Iterator[list[RawMessage]]:
    """All rows that lie there each night.

    Files arrive in random order. From the second night on, two that had arrived are rewritten:
    of their rows some are gone and some say what another message of their history says. In the
    middle, one is removed.
    """
    files: defaultdict[tuple[str, str], list[RawMessage]] = defaultdict(list)
    histories: defaultdict[str, list[Payload]] = defaultdict(list)
    for message in messages:
        files[message.source, message.file].append(message)
        histories[history_of(message.payload)].append(message.payload)
    arriving = sorted(files)
    rng.shuffle(arriving)
    landed: dict[tuple[str, str], list[RawMessage]] = {}
    for night in range(nights):
        for file in rng.sample(sorted(landed), min(2, len(landed))):
            landed[file] = _rewritten(rng, landed[file], histories)
        if night == nights // 2:
            del landed[rng.choice(sorted(landed))]
        landed |= {file: files[file] for file in arriving[night::nights]}
        yield [message for rows in landed.values() for message in rows]


def history_of(row: object) -> str:
    """The prefix of the history that a payload or a row of a table is about."""
    found = re.search(r"\b[hw]\d+(?=-)", repr(row))
    return found[0] if found else ""


def _rewritten(
    rng: Random, rows: Sequence[RawMessage], histories: dict[str, list[Payload]]
) -> list[RawMessage]:
    kept: list[RawMessage] = []
    for message in rows:
        chance = rng.random()
        if chance < 0.25:
            continue
        payload = message.payload
        if chance < 0.5:
            other = rng.choice(histories[history_of(payload)])
            payload = payload | {name: other.get(name) for name in rng.choice(CHANGED)}
        kept.append(replace(message, row_number=len(kept) + 1, payload=payload))
    return kept
