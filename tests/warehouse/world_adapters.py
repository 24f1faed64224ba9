"""Views of every adapter, of some by several entries, made from those of Mutiny."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.warehouse.oracle.entries import Entry, Trigger
from tests.warehouse.oracle.exposures import EVENTS
from tests.warehouse.world_accounts import Payload

MUTINY_EVENT = EVENTS["mutiny"]
CAMPAIGN: dict[str, Any] = {
    "trigger": Trigger(event="Campaign Viewed"),
    "variant": ("properties.variant", "properties.variant_id"),
    "audience_segment": ("properties.segment",),
}
# Of one vendor: by user or by device, by account or by person, by person alone, by either.
SEVERAL = (
    Entry("split", unit="user_id", sources=("web", "product")),
    Entry("split", unit="anonymous_id", baseline={"*": "on"}),
    Entry("mutiny", unit="account"),
    Entry("mutiny"),
    Entry("segment_experiment", sources=("web",), control_variants=("control", "0")),
    Entry("segment_experiment", control_variants=("Original",)),
    Entry("custom", vendor="campaigns", sources=("web",), experience=("properties.campaign",),
          **CAMPAIGN),
    Entry("custom", vendor="campaigns", unit="anonymous_id",
          experience=("properties.campaign", "properties.campaign_id"), **CAMPAIGN),
    Entry("abmatic", experience=("properties.campaign",), **CAMPAIGN),
    # Takes from the built-in adapter what comes from one source.
    Entry("custom", vendor="mutiny", unit="anonymous_id", sources=("backend",),
          trigger=Trigger(event=MUTINY_EVENT), experience=("properties.experience",),
          variant=("properties.variation",), audience_segment=("=Backend",)),
)  # fmt: skip
ENVIRONMENT = "prod"  # of the source product


def retell(rng: Random, payload: Payload) -> Payload:
    """A view of Mutiny as the same view of any of the adapters; any other payload as it is."""
    said = payload.get("properties")
    if payload.get("event") != MUTINY_EVENT or not isinstance(said, dict):
        return payload
    tell = rng.choice([_mutiny, _split, _split, _experiment, _experiment, _campaign])
    event, properties = tell(rng, said, said.get("personalized") in (True, "true"))
    if rng.random() < 0.03:
        key = rng.choice(sorted(properties))
        properties[key] = rng.choice(["(all)", "(none)", "(other)", None, "", {}])
    return {**payload, "event": event, "properties": properties}


def _mutiny(rng: Random, said: Payload, is_personalized: bool) -> tuple[str, Payload]:
    return MUTINY_EVENT, dict(said)


def _split(rng: Random, said: Payload, is_personalized: bool) -> tuple[str, Payload]:
    treatment: Any = rng.choice(["on", "on", "blue", 7]) if is_personalized else "off"
    if rng.random() < 0.05:
        treatment = rng.choice(["control", None, True])
    return EVENTS["split"], {
        "split": said.get("experience"),
        "treatment": treatment,
        "environmentName": rng.choice([ENVIRONMENT, ENVIRONMENT, None, "staging"]),
    }


def _experiment(rng: Random, said: Payload, is_personalized: bool) -> tuple[str, Payload]:
    """Names and ids in any spelling; the id, which may say control, is often left out."""
    properties: Payload = {
        rng.choice(["experiment_name", "experimentName"]): said.get("experience"),
        rng.choice(["experiment_id", "experimentId", "experimentID"]): said.get("experience"),
    }
    name = rng.choice(["Blue", "Blue", "Red"]) if is_personalized else "Original"
    if rng.random() < 0.9:
        properties[rng.choice(["variation_name", "variant_name", "variantName"])] = name
    if rng.random() < 0.4:
        variation = rng.choice([1, "1", False]) if is_personalized else rng.choice([0, "control"])
        properties[rng.choice(["variation_id", "variantId"])] = variation
    return EVENTS["segment_experiment"], properties


def _campaign(rng: Random, said: Payload, is_personalized: bool) -> tuple[str, Payload]:
    name = rng.choice(["campaign", "campaign", "campaign_id"])
    variant: Any = rng.choice(["a", "b", True]) if is_personalized else "plain"
    properties: Payload = {
        name: said.get("experience"),
        "variant": variant,
        "segment": said.get("audienceSegment") or "SMB",
    }
    if not is_personalized and rng.random() < 0.5:
        properties["variant_id"] = "control"
    return "Campaign Viewed", properties
