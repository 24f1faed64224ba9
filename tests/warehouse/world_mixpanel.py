"""Worlds as Mixpanel meets them: rich contexts, reserved names, orders of products."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from tests.warehouse.oracle.messages import RawMessage

Payload = dict[str, Any]

AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/137.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/137.0.0.0 Safari/537.36 Edg/137.0.1",
    "Mozilla/5.0 AppleWebKit/537.36 Chrome/90.0.1 Safari/537.36 OPR/76.0.4017",
    "Mozilla/5.0 (Linux) Mini AppleWebKit/537.36 Chrome/90.0.1 OPR/76.0.4017",
    "Mozilla/5.0 (iPhone) AppleWebKit/605 Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh) AppleWebKit/605 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    "Mozilla/5.0 (iPhone) AppleWebKit/605 CriOS/120.0.6099 Mobile Safari/604.1",
    "Mozilla/5.0 (iPhone) AppleWebKit/605 FxiOS/120.0 Mobile Safari/605",
    "Mozilla/5.0 (X11; Linux) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (Linux; Android 4.4) Mobile", "UCWEB/2.0 (MIDP-2.0)", "BlackBerry9700/5.0.0.862",
    "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko", "IEMobile/11.0; rv:11.0",
    "Mozilla/5.0 SamsungBrowser/25.0 Chrome/121.0.0.0 Safari/537.36", "FBIOS/1.0", "curl/8.0", "",
    "Konqueror:4.13.1", "Mozilla/5.0 (X11) Gecko/20030924 rv:1.4.1", "firefox/3.0", 7, None,
]  # fmt: skip
LIBRARIES = [
    "analytics.js", "analytics.js", "web", "analytics-swift", "analytics-kotlin", "analytics-node",
    "analytics-ios-lite", "xanalytics-ios", "", None, 3,
]  # fmt: skip
CONTEXTS: dict[str, list[Any]] = {
    "ip": ["198.18.0.1", None],
    "locale": ["de-CH", {"a": 1}],
    "timezone": ["Europe/Zurich", ""],
    "page": [{"url": "https://x/" + "ü" * 300, "referrer": None}, {"url": 5}, ["url"], None],
    "app": [{"name": "Shop", "namespace": "x.y", "build": 7, "version": "1.10", "platform": "p"}],
    "os": [{"name": "iOS", "version": 17.5}, {"name": {"a": 1}, "version": [1]}],
    "device": [
        {"type": "ios", "name": "phone", "manufacturer": "Apple", "model": "a\"b\\c\n",
         "advertisingId": None, "idfa": "idfa-1", "adTrackingEnabled": False},
        {"advertisingId": "ad-1", "idfa": "idfa-1"},
    ],
    "network": [{"bluetooth": False, "cellular": True, "wifi": None, "carrier": "Salt"}],
    "screen": [{"width": 393, "height": 852.5, "density": 3}],
    "location": [{"country": "CH"}],
    "campaign": [{"name": "n", "source": "s", "medium": "m", "term": "t", "content": None}],
    "userAgentData": [
        {"mobile": True, "platform": "macOS", "bitness": "64", "platformVersion": "14",
         "uaFullVersion": "137.0.1", "wow64": False},
    ],
    "integration": [{"name": "Iterable"}, {"name": "Other"}],
    "userAgent": AGENTS,
    "library": [{"name": name, "version": "1.0"} for name in LIBRARIES],
}  # fmt: skip
MANY = {f"p{number}": number for number in range(260)}
PROPERTIES: dict[str, list[Any]] = {
    "id": [5, "x"], "time": ["now"], "distinct_id": ["z"], "$user_id": ["z"], "$anon_id": [1],
    "$group_id": ["g"], "$insert_id": [None, "i"], "$os": ["mine", None, {"b": 1, "a": None}],
    "ip": ["mine"], "mp_lib": ["mine"], "utm_source": [None], "plan": ["gold", None],
    "company_id": ["c1", 7, 7.5, True, ["c1", 2, "", None, {"a": 1}], {"a": 1}, ""],
    "long": ["é" * 255, "é" * 256, ["é" * 300]], "n" * 255: [1], "n" * 256: [1],
    'quo"te': ['a"b'], "zeta": [{"b": 1, "a": [None, {"d": 1, "c": None}]}], "Zeta": [1.5],
    "name": ["order name"], "coupon": ["of the order"], "affiliation": ["shop"],
}  # fmt: skip
PRODUCTS = [
    {"product_id": "p1", "name": "Hat", "price": 19.9, "quantity": 2, "custom": "xyz"},
    {"sku": "s1", "name": None, "coupon": "of the product", "position": 1, "url": "u" * 300},
    "text", {}, {"name": {"b": 1, "a": 2}},
]  # fmt: skip
TRAITS: dict[str, list[Any]] = {
    "email": ["a@x.example", None], "$email": ["other@x.example"], "firstName": ["Ann", "", None],
    "lastName": ["Lee", 7], "name": ["Ann of all", None, ""], "$name": ["given"],
    "username": ["al"], "phone": ["+41"], "created": [None, "2026-01-01"], "createdAt": [None, 17],
    "created_at": ["2025-01-01"], "company_id": ["c9", 9, 9.50, "", None, True, {"a": 1}],
    "plan": ["gold", "silver", None, "x" * 300], "time": ["t"], "nested": [{"b": 1, "a": None}],
}  # fmt: skip


def retell_for_mixpanel(rng: Random, messages: Sequence[RawMessage]) -> list[RawMessage]:
    """The same messages with what Mixpanel looks at; copies of one id are retold alike."""
    told: dict[Any, Random] = {}
    retold = []
    for message in messages:
        identity = message.payload.get("messageId")
        state = Random(rng.random())
        if identity:
            state = told.setdefault(identity, state)
        chance = copy.deepcopy(state)
        retold.append(replace(message, payload=_retold(chance, copy.deepcopy(message.payload))))
    return retold


def _retold(rng: Random, payload: Payload) -> Payload:
    if payload.get("messageId") and rng.random() < 0.04:
        payload["messageId"] += rng.choice(["_1", "-" + "0" * 30])
    kind = payload.get("type")
    context = payload.get("context")
    if isinstance(context, dict):
        for key in rng.sample(sorted(CONTEXTS), rng.randrange(len(CONTEXTS))):
            context.setdefault(key, rng.choice(CONTEXTS[key]))
    if kind in ("identify", "group") and rng.random() < 0.7:
        _add(rng, payload, "traits", TRAITS, 6)
    if kind in ("track", "page", "screen") and rng.random() < 0.7:
        properties = _add(rng, payload, "properties", PROPERTIES, 5)
        if rng.random() < 0.03:
            properties.update(MANY)
        if payload.get("event") == "Order Completed" or rng.random() < 0.05:
            properties["products"] = rng.choice(
                [rng.sample(PRODUCTS, rng.randrange(5)), PRODUCTS[0], None, "none"]
            )
    if kind == "track" and rng.random() < 0.03:
        payload["event"] = rng.choice([None, "", "e" * 256, "order completed", 'quo"te'])
    if kind in ("page", "screen") and rng.random() < 0.1:
        payload["name"] = ""
    if rng.random() < 0.02:
        payload["anonymousId"], payload["userId"] = rng.choice(
            [("n/a", None), ("a1", "00000000-0000-0000-0000-000000000000"), ("NIL", "")]
        )
    if rng.random() < 0.02:
        payload["timestamp"] = rng.choice(
            ["1970-12-31T23:30:00Z", "1971-01-01T00:30:00+01:00", "1971-01-01 00:00:00",
             "1969-05-09 23:54:49.2 +0000 UTC", "1985-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]
        )  # fmt: skip
    return payload


def _add(
    rng: Random, payload: Payload, column: str, values: dict[str, list[Any]], most: int
) -> Payload:
    held = payload.get(column)
    members: Payload = dict(held) if isinstance(held, dict) else {}
    for key in rng.sample(sorted(values), rng.randrange(most + 1)):
        members[key] = rng.choice(values[key])
    payload[column] = members
    return members
