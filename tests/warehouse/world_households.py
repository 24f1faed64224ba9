"""Worlds of a few users who share a few devices and see one experience, over and over."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.warehouse.world_accounts import Payload
from tests.warehouse.world_calls import SEGMENTS, Calls


class Household(Calls):
    """Who converts is on another device, on none at all, or on one that somebody else saw."""

    size = (15, 45)
    profile_share = 0.0
    hours = range(0, 10 * 24, 12)  # the ends of windows and of the look-back among them

    def __init__(self, rng: Random, prefix: str) -> None:
        super().__init__(rng, prefix)
        self.has_kiosks = False
        self.users = [f"{prefix}-u{number}" for number in range(1, rng.randint(3, 4))]
        self.devices = [f"{prefix}-a{number}" for number in range(1, rng.randint(3, 5))]
        self.segments = SEGMENTS[: rng.randint(1, 2)]

    def weights(self) -> dict[Callable[[], Payload], int]:
        return super().weights() | {
            self.view: 12,
            self.conversion: 30,
            self.page: 6,
            self.alias: 6,
        }

    def view(self) -> Payload:
        payload = super().view()
        properties = payload["properties"]
        if isinstance(properties, dict) and properties.get("experience") is not None:
            properties["experience"] = f"{self.prefix} Landing"
            properties["audienceSegment"] = self.rng.choice(self.segments)
        return payload

    def sign(self, payload: Payload) -> None:
        """Whoever is there, on whatever is at hand."""
        user, device = self.rng.choice(self.users), self.rng.choice(self.devices)
        chance = self.rng.random()
        if chance < 0.7:
            payload["userId"] = user
        if chance < 0.4 or chance > 0.7:
            payload["anonymousId"] = device
        elif chance > 0.65:
            payload["anonymousId"] = self.rng.choice(["undefined", ""])

    def belong(self, payload: Payload) -> None:
        if self.rng.random() < 0.6:
            payload.setdefault("groupId", self.account())
