"""The settings of the cases: three variants, and what single cases add to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import yaml

from tests.examples.cases import Case, at
from tests.warehouse.oracle.entries import Entry, Trigger
from tests.warehouse.oracle.rules import (
    Compare,
    Count,
    Every,
    InAudience,
    Not,
    Rule,
    Segment,
    Some,
)
from tests.warehouse.oracle.settings import (
    Audience,
    Conversion,
    Destination,
    OracleSettings,
    Source,
)

SIGNED_UP = Trigger(event="Signed Up")


def seen(vendor: str, event: str, **fields: Any) -> Entry:
    """An entry of a vendor of its own."""
    paths = {"experience": ("properties.experience",), "variant": ("properties.v", "properties.w")}
    return Entry("custom", **{"vendor": vendor, "trigger": Trigger(event=event), **paths, **fields})


EXPOSURES = (
    Entry(),
    Entry("split", sources=("flags",), baseline={"*": "off", "banner": "plain"}),
    Entry("segment_experiment", control_variants=("control", "0")),
    Entry(
        "abmatic",
        trigger=Trigger(event="Campaign Viewed"),
        experience=("properties.campaign_id", "properties.campaignId"),
        variant=("properties.variation_id",),
        audience_segment=("properties.visitor_segment",),
        control_variants=("1",),
    ),
    # Of two entries of one vendor the first that takes a message and finds its unit counts.
    seen("shop", "Shop Seen", sources=("web",), control_variants=("b",)),
    seen("shop", "Shop Seen"),
    seen("other", "Shop Seen"),
    seen("devices", "Device Seen", unit="anonymous_id"),
    seen("users", "User Seen", unit="user_id"),
    seen("accounts", "Account Seen", unit="account"),
    seen("either", "Either Seen", unit="user_id"),
    seen("either", "Either Seen", unit="anonymous_id"),
)
PLAIN = OracleSettings(
    sources={
        "web": Source(),
        "flags": Source(kind="flags", environment="prod"),
        "engage": Source(id="eN1", kind="engage"),
        "unconnected": Source(destinations=("mixpanel",)),
        "eu": Source(region="eu"),
        "us": Source(region="us"),
        # The ids, not the keys, decide between copies received together.
        "first": Source(id="z"),
        "second": Source(id="y"),
    },
    destinations={
        "mutiny": Destination(consent_categories=("Ads", "Core"), region="us", enforce_region=True),
        "abmatic": Destination(conversion_integration=("google_analytics",)),
    },
    aliases={"SignedUp": "Signed Up", "account_removed": "Account Removed User"},
    max_links=5,
    segment_aliases={"SMB": "Small"},
    conversions=(
        Conversion("signup", SIGNED_UP, main=True),
        Conversion(
            "order",
            Trigger(event="Order Completed"),
            value="properties.revenue",
            currency="properties.currency",
            distinct_by="properties.order_id",
            refund=Trigger(event="Order Refunded"),
        ),
        Conversion("short", SIGNED_UP, window=timedelta(days=1)),
        Conversion("of_web", SIGNED_UP, sources=("web",)),
    ),
    audiences=(Audience(name="Recent Buyers"), Audience(name="V.I.P.", key="listed")),
    exposures=EXPOSURES,
    breakdowns={
        "context.device.type": "context_device_type",
        "context.nowhere": "context_nowhere",
    },
    min_visitors=2,
    min_converters=2,
    tuning_visitors=50,
)
VARIANTS = {
    "plain": PLAIN,
    "ever_treated": replace(
        PLAIN,
        crossover="ever_treated",
        merge_on_email=True,
        destinations={"abmatic": Destination("inactive")},
    ),
    "exclude": replace(PLAIN, crossover="exclude", scope="all", merge_on_alias=False),
}


def settings_of(variant: str, cases: Sequence[Case]) -> OracleSettings:
    """The settings of a variant with what its cases add."""
    added: dict[str, dict[str, Any]] = {"split": {}, "periods": {}, "segment": {}}
    for case in cases:
        for name, words in case.settings:
            subject, _, rest = words.partition(" ")
            added[name][case.own(subject)] = READERS[name](rest, case)
    return replace(
        VARIANTS[variant],
        expected_split=added["split"],
        periods=added["periods"],
        segments=tuple(Segment(name, rule) for name, rule in added["segment"].items()),
    )


def _split(words: str, _: Case) -> dict[str, float]:
    return {variant: float(share) for variant, share in (word.split("=") for word in words.split())}


def _periods(words: str, _: Case) -> tuple[Any, ...]:
    days = [word.split("..") for word in words.split()]
    return tuple((at(start).date(), at(end).date() if end else None) for start, end in days)


def _segment(words: str, _: Case) -> Rule:
    rule = _rule(yaml.safe_load(words))
    return rule if isinstance(rule, Every | Some | Not) else Every((rule,))


def _rule(written: dict[str, Any]) -> Rule:
    """A rule as `lift.yml` writes it."""
    match written:
        case {"all": rules}:
            return Every(tuple(map(_rule, rules)))
        case {"any": rules}:
            return Some(tuple(map(_rule, rules)))
        case {"not": rule}:
            return Not(_rule(rule))
        case {"audience": key}:
            return InAudience(key)
        case {"pages": op, "count": count}:
            days = written.get("days")
            within = None if days is None else timedelta(days=days)
            return Count(Trigger(type="page"), op, count, within)
        case {"op": op, "value": value, **subject}:
            [(kind, name)] = subject.items()
            return Compare(kind, name, op, tuple(value) if isinstance(value, list) else value)
    raise ValueError(written)


READERS = {"split": _split, "periods": _periods, "segment": _segment}
