"""Worlds with enough visitors for figures: many devices, sticky arms, one experience."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.warehouse.world_accounts import Payload
from tests.warehouse.world_calls import SEGMENTS, Calls


class Crowd(Calls):
    """Each device keeps its arm but for a few crossovers; one arm converts more often.

    Devices of one arm are of a few users, and of a few accounts, in some worlds of neither.
    """

    size = (40, 110)
    profile_share = 0.0
    hours = range(0, 96, 5)

    def __init__(self, rng: Random, prefix: str) -> None:
        super().__init__(rng, prefix)
        self.devices = [f"{prefix}-a{i:02}" for i in range(1, rng.randint(8, 22))]
        self.has_kiosks = False
        self.login_share = rng.choice([0.0, 0.3, 0.7])
        self.account_share = rng.choice([0.0, 0.3, 0.9])
        self.experience = rng.choice(["Homepage", "Landing", "Landing"])
        self.segments = SEGMENTS[: rng.randint(1, 3)]
        self.better_arm = rng.randrange(2)
        self.bias = rng.choice([0.0, 0.6, 0.95])
        self.seen: list[str] = []
        self.revenue = rng.choice([(10,), (10, 25.5, 99.99), (0, 10, None, 1_000_000)])

    def weights(self) -> dict[Callable[[], Payload], int]:
        return super().weights() | {self.view: 32, self.conversion: 32}

    def view(self) -> Payload:
        payload = super().view()
        properties = payload["properties"]
        if not isinstance(properties, dict) or properties.get("experience") is None:
            return payload
        device: Any = self.rng.choice(self.devices)
        arm = self.devices.index(device) % 2
        if self.rng.random() < 0.08:
            arm = 1 - arm
        properties["experience"] = f"{self.prefix} {self.experience}"
        properties["audienceSegment"] = self.rng.choice(self.segments)
        properties["personalized"] = self.rng.choice([bool(arm)] * 5 + [str(bool(arm)).lower()])
        self.name(payload, device)
        self.seen.append(device)
        return payload

    def conversion(self) -> Payload:
        payload = super().conversion()
        if not self.seen:
            return payload
        device = self.rng.choice(self.seen)
        better = [one for one in self.seen if self.devices.index(one) % 2 == self.better_arm]
        if better and self.rng.random() < self.bias:
            device = self.rng.choice(better)
        self.name(payload, device)
        if "properties" in payload and self.rng.random() < 0.9:
            payload["event"] = self.rng.choice(["Order Completed"] * 9 + ["Order Refunded"])
            payload["properties"] = {"revenue": self.rng.choice(self.revenue), "currency": "USD"}
        return payload

    def name(self, payload: Payload, device: str) -> None:
        """The device, its user or both, and the account."""
        number = self.devices.index(device)
        is_login = self.rng.random() < self.login_share
        if is_login:
            payload["userId"] = f"{self.prefix}-o{number % 2}{number // 4}"
        if not is_login or self.rng.random() < 0.5:
            payload["anonymousId"] = device
        if self.rng.random() < self.account_share:
            account = f"{self.prefix}-g{number % 2}{number // 3}"
            if self.rng.random() < 0.5:
                payload["groupId"] = account
            else:
                payload["context"] = {"groupId": account}

    def belong(self, payload: Payload) -> None:
        if "context" not in payload:
            super().belong(payload)
