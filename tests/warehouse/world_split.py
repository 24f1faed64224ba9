"""What the messages of random worlds say that matters to Split and to Abmatic alone."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any

from tests.warehouse.oracle.messages import RawMessage

Payload = dict[str, Any]
DESIGNATED: tuple[Any, ...] = (
    [{"account": "acme"}], [{"account": "acme"}, {"account": "other"}], {"account": 7},
    {"account": 7.0}, [{"user": "u9"}, {"account": "acme"}], [{"foo": 1}], [{"foo": 1}, {"foo": 2}],
    {"foo": "x", "account": "acme"}, {"member": "m1"}, [{"company": "c1"}], [], {}, "account", None,
    [{"account": None}], [{"account": ""}, {"foo": ""}], [{"account": {}}, {"account": True}],
    ["account", 1], [[{"account": "acme"}]],
)  # fmt: skip
EVENTS = ("sample event", " lead", "_lead", "a" * 80, "a" * 81, "Übrige", "v1.2-x_y", None, "")
NAMES = ("Sign Up", "Übrige", "n" * 70, "", None, "7")
VALUES: tuple[Any, ...] = (
    10, 2.5, -0.5, "12.5", "-.5", "5.", "1e3", "1e999", "abc", " 1", "", None, True, {}, 10**15,
)  # fmt: skip
TRAITS: dict[str, tuple[Any, ...]] = {
    "company": ({"name": "X"}, {"name": "Y", "size": None}, {"b": {"c": 1}, "a": [1]}, {}, "X"),
    "company.name": ("outright", None),
    "company.b": ({"c": 2}, "b"),
    "note": ("x" * 255, "x" * 256, "\N{THUMBS UP SIGN}ü" * 200, ""),
    "gone": (None, None, 1),
    "is_active": (True, False),
    "score": (40.0, 40, 2.5),
    "list": ([1, "a", None], []),
}
INTEGRATIONS: tuple[Any, ...] = (
    {"Split": False}, {"All": False, "Split": {}}, {"All": False}, {"Split": "true"},
    {"Markettailor": False}, {"All": False, "Abmatic": True},
)  # fmt: skip
PAGES: tuple[Any, ...] = ({"url": "https://example.com/a"}, {"url": None}, {}, "page")


def tell_split(rng: Random, messages: Iterable[RawMessage]) -> list[RawMessage]:
    """The same messages, many of which say more; each has an id of its own."""
    return [
        replace(message, payload=_told(rng, copy.deepcopy(message.payload))) for message in messages
    ]


def _told(rng: Random, payload: Payload) -> Payload:
    call = payload.get("type")
    payload["messageId"] = payload.get("messageId") or f"split-{rng.randrange(10**12)}"
    if call in ("track", "page", "screen"):
        properties = payload.setdefault("properties", {})
        if isinstance(properties, dict):
            _tell_properties(rng, properties, may_designate=payload.get("event") != "get_treatment")
        if call == "track" and rng.random() < 0.2:
            payload["event"] = rng.choice(EVENTS)
        elif call != "track" and rng.random() < 0.4:
            payload["name"] = rng.choice(NAMES)
    elif call in ("identify", "group"):
        traits = payload.setdefault("traits", {})
        if isinstance(traits, dict):
            _tell_traits(rng, traits)
    if rng.random() < 0.1:
        payload["integrations"] = rng.choice(INTEGRATIONS)
    if rng.random() < 0.2 and isinstance(payload.get("context"), dict):
        payload["context"]["page"] = rng.choice(PAGES)
    return payload


def _tell_properties(rng: Random, properties: Payload, *, may_designate: bool) -> None:
    if may_designate and rng.random() < 0.4:
        properties["split"] = rng.choice(DESIGNATED)
    if rng.random() < 0.6:
        properties["amount"] = rng.choice(VALUES)
    if rng.random() < 0.6:
        properties["eventName"] = rng.choice([*EVENTS, "checkout", "checkout", 7, {}, True])
    if rng.random() < 0.2:
        properties["nested"] = {
            "z": 1,
            "b": None,
            "a": [None, {"y": 1, "x": None}],
            "c": {"d": None},
        }
    if rng.random() < 0.1:
        properties["label"] = rng.choice(["default rule", None, 7])


def _tell_traits(rng: Random, traits: Payload) -> None:
    if rng.random() < 0.4:
        traits["split"] = rng.choice(DESIGNATED)
    for name in rng.sample(sorted(TRAITS), rng.randint(0, 4)):
        traits[name] = rng.choice(TRAITS[name])
