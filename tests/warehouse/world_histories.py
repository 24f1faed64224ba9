"""Histories of identities: who logged in where, who is an alias of whom, over and over."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.warehouse.world_accounts import Payload
from tests.warehouse.world_calls import Calls

THEMES = ("logins", "aliases", "visitors", "emails", "profiles", "all")
# What becomes a hub where it is no device.
HUBS = {"visitors": "v", "emails": "e"}


class History(Calls):
    """A few users and devices, and values that are now a user and now a device.

    Values are text that begins with the prefix, so that each row of a table tells its history.
    """

    def __init__(self, rng: Random, prefix: str) -> None:
        super().__init__(rng, prefix)
        self.theme = rng.choice(THEMES)
        self.has_hubs = rng.random() < 0.15
        self.size = (20, 40) if self.has_hubs else (2, rng.choice([6, 12, 24]))
        self.login_share = 0.6 if self.has_hubs else rng.choice([0.02, 0.2, 0.6])
        both = self._values("x", 0, 2)
        self.users = self._values("u", 1, 7) + both
        self.devices = self._values("a", 1, 7) + both
        self.tells_profiles = self.theme == "profiles"
        if self.tells_profiles:
            self.users, self.devices = self.users[:2], self.devices[:2]
        self.visitors = self._values("v", 1, 7)
        self.emails = [f"{value}@example.com" for value in self._values("e", 1, 7)]

    def _values(self, letter: str, least: int, most: int) -> list[Any]:
        """Values of one kind, of which the first comes up more often: it is shared, or a hub."""
        count = most if self.has_hubs else self.rng.randint(least, most)
        values = [f"{self.prefix}-{letter}{i}" for i in range(count)]
        if self.has_hubs:
            shares = 8 if letter == HUBS.get(self.theme, "a") else 0
        else:
            shares = self.rng.choice([0, 2, 4])
        return values[:1] * shares + values

    def weights(self) -> dict[Callable[[], Payload], int]:
        by_theme: dict[str, dict[Callable[[], Payload], int]] = {
            "logins": {self.page: 30},
            "aliases": {self.alias: 20, self.page: 10},
            "visitors": {self.identify: 20, self.page: 8},
            "emails": {self.identify: 20, self.page: 8},
            "profiles": {
                self.profile: 16,
                self.audience: 12,
                self.page: 8,
                self.membership: 10,
            },
            "all": {self.identify: 8, self.page: 8, self.alias: 8},
        }
        rare = dict.fromkeys(
            [self.membership, self.engage, self.audience, self.profile, self.system, self.nonsense],
            1,
        )
        aliases = {self.alias: self.rng.choice([0, 2])}
        return {self.identify: 2} | aliases | rare | by_theme[self.theme]

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
        if self.rng.random() < 0.03:
            return self.rng.choice(["undefined", " NULL ", "000-000", None, ""])
        return self.rng.choice(values)

    def sign(self, payload: Payload) -> None:
        is_login = self.rng.random() < self.login_share
        is_anonymous = self.rng.random() < 0.7
        if is_login or is_anonymous:
            payload["anonymousId"] = self.device()
        if is_login or not is_anonymous:
            payload["userId"] = self.user()

    def belong(self, payload: Payload) -> None:
        """Who is who does not hang on accounts: memberships are calls of their own."""

    def traits(self) -> Payload:
        traits: Payload = {}
        if self.rng.random() < (0.2 if self.theme == "emails" else 0.8):
            traits["mutinyVisitorId"] = self.visitor()
        if self.rng.random() < (0.2 if self.theme == "visitors" else 0.8):
            traits["email"] = self.email()
        return traits
