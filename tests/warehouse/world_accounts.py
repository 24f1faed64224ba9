"""What the messages of a random world say of accounts."""

from __future__ import annotations

from random import Random
from typing import Any

Payload = dict[str, Any]

# An event that was renamed since.
RENAMED = {"account_removed_user": "Account Removed User"}


class AccountCalls:
    """Payloads that name the same few accounts over and over."""

    rng: Random
    prefix: str
    number: int

    def account(self) -> str:
        return f"{self.prefix}-g{self.rng.choice([1, 1, 1, 2, 3])}"

    def account_in_context(self) -> Any:
        return self.rng.choice(
            [self.account(), self.account(), self.number, float(self.number), "", None, [], True]
        )

    def belong(self, payload: Payload) -> None:
        """Any call may name the account it is of, or none."""
        if "groupId" not in payload and self.rng.random() < 0.15:
            payload["groupId"] = self.rng.choice([self.account(), self.account(), "", None])

    def membership(self) -> Payload:
        return self.rng.choice([self.group, self.group, self.removal])()

    def group(self) -> Payload:
        payload: Payload = {"type": "group", "groupId": self.account()}
        chance = self.rng.random()
        if chance < 0.2:
            payload["anonymousId"] = ""  # the groupId alone identifies
        elif chance < 0.25:
            payload["groupId"] = self.rng.choice([None, ""])
        if self.rng.random() < 0.7:
            payload["traits"] = self.account_traits()
        return payload

    def account_traits(self) -> Payload:
        values: dict[str, list[Any]] = {
            "plan": ["free", "pro", "Übrige / alle", "", None],
            "Plan": ["pro", None],
            "employees": [40, "40", 40.5, -1, None],
            "is/active~": [True, False, "true", None],
            "total billed": [0, 830],
            "address": [{"city": "Bern", "a": None}, {}, ["a", 1], None],
            # A group's traits identify nobody.
            "mutinyVisitorId": [self.number + 1, f"{self.prefix}-v1"],
            "email": [f"{self.prefix}-ann@example.com"],
        }
        keys = self.rng.sample(sorted(values), self.rng.randint(0, 5))
        return {key: self.rng.choice(values[key]) for key in keys}

    def removal(self) -> Payload:
        event = self.rng.choice(["Account Removed User", "account_removed_user"])
        payload: Payload = {"type": "track", "event": event}
        chance = self.rng.random()
        if chance < 0.6:
            payload["context"] = {"groupId": self.account()}
        elif chance < 0.9:
            payload["groupId"] = self.account()
        else:  # a page of that name removes nobody
            payload = {"type": "page", "name": event, "groupId": self.account()}
        return payload
