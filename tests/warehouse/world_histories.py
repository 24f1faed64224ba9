"""Histories of identities: who logged in where, who is an alias of whom, over and over."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.warehouse.world_calls import Calls, Payload

THEMES = ("logins", "aliases", "visitors", "emails", "all")


class History(Calls):
    """A few users and devices, and values that are now a user and now a device.

    Values are text that begins with the prefix, so that each row of a table tells its history.
    """

    size = (2, 40)

    def __init__(self, rng: Random, prefix: str) -> None:
        super().__init__(rng, prefix)
        self.size = (2, rng.choice([6, 12, 24, 40]))
        self.theme = rng.choice(THEMES)
        both = self._values("x", 0, 2)
        self.users = self._values("u", 1, 7) + both
        self.devices = self._values("a", 1, 7) + both
        self.visitors = self._values("v", 1, 6)
        self.emails = [f"{value}@example.com" for value in self._values("e", 1, 4)]
        self.first_shares = rng.choice([0, 2, 6])

    def _values(self, letter: str, least: int, most: int) -> list[Any]:
        return [f"{self.prefix}-{letter}{i}" for i in range(self.rng.randint(least, most))]

    def weights(self) -> dict[Callable[[], Payload], int]:
        by_theme: dict[str, dict[Callable[[], Payload], int]] = {
            "logins": {self.page: 30},
            "aliases": {self.alias: 20, self.page: 10},
            "visitors": {self.identify: 20, self.page: 4},
            "emails": {self.identify: 20, self.page: 4},
            "all": {self.identify: 8, self.page: 8, self.alias: 8},
        }
        rare = dict.fromkeys([self.group, self.engage, self.system, self.nonsense], 1)
        return {self.identify: 2, self.alias: 2} | rare | by_theme[self.theme]

    # ---- identifiers ------------------------------------------------------------------------

    def user(self) -> Any:
        return self._one_of(self.users)

    def device(self) -> Any:
        return self._one_of(self.devices)

    def visitor(self) -> Any:
        return self._one_of(self.visitors)

    def email(self) -> Any:
        address = self._one_of(self.emails)
        return f" {address.upper()} " if address and self.rng.random() < 0.1 else address

    def _one_of(self, values: list[Any]) -> Any:
        """The first of them more often, so that devices are shared and hubs come about."""
        if self.rng.random() < 0.03:
            return self.rng.choice(["undefined", " NULL ", "000-000", None, ""])
        return self.rng.choice(values[:1] * self.first_shares + values)

    def sign(self, payload: Payload) -> None:
        chance = self.rng.random()
        if chance < 0.65:
            payload["anonymousId"] = self.device()
        if chance > 0.35:
            payload["userId"] = self.user()

    def traits(self) -> Payload:
        traits: Payload = {}
        if self.rng.random() < (0.2 if self.theme == "emails" else 0.8):
            traits["mutinyVisitorId"] = self.visitor()
        if self.rng.random() < (0.2 if self.theme == "visitors" else 0.8):
            traits["email"] = self.email()
        return traits
