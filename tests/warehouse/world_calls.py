"""What the messages of a random world say: identifiers, calls and their payloads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from random import Random
from typing import Any

from tests.warehouse.world_accounts import AccountCalls, Payload
from tests.warehouse.world_traits import TraitCalls

BLOCKED = ("undefined", "null", " ANONYMOUS ", "000-000", "-1", " ")
RESERVED = ("(all)", "(none)", "(other)")
RESERVED_IN = ("experience", "audienceSegment", "variation")
SEGMENTS = ("SMB", "Small company", "Enterprise", "Übrige / alle")


class Calls(AccountCalls, TraitCalls):
    """Payloads that name the same few users, devices and experiences over and over."""

    size = (5, 60)
    profile_share = 0.4
    hours = range(0)  # of a world that takes place within a few days

    def __init__(self, rng: Random, prefix: str) -> None:
        self.rng = rng
        self.odd = Random(f"odd {prefix}")  # of what is rare, so that the rest stays as it is
        self.prefix = prefix
        self.cached: Payload = {}
        # Numeric identifiers must be the world's own, too: 44 bits of its name, then two digits.
        self.number = int(hashlib.md5(prefix.encode()).hexdigest()[:11], 16) * 100
        self.users: list[Any] = [f"{prefix}-u{i}" for i in range(1, rng.randint(2, 5))]
        self.users.append(self.number + 50)
        self.devices = [f"{prefix}-a{i}" for i in range(1, rng.randint(2, 6))]
        # Kiosks: devices that everybody logs in on, until they are hubs.
        self.has_kiosks = rng.random() < 0.25
        if self.has_kiosks:
            self.users += [f"{prefix}-k{i}" for i in range(1, 5)]
            self.devices = self.devices[:2]
        # Worlds that tell of one or two what changes over and over.
        self.tells_profiles = rng.random() < self.profile_share
        if self.tells_profiles:
            self.size = (30, 70)
            self.users, self.devices = self.users[-2:], self.devices[:2]

    def weights(self) -> dict[Callable[[], Payload], int]:
        """How often each call is made."""
        # Worlds of views have figures, worlds of identities have hubs and shared devices.
        has_figures = self.rng.random() < 0.5 and not self.tells_profiles
        tells = 24 if self.tells_profiles else 2
        return {
            self.view: 21 if has_figures else 7,
            self.conversion: 17 if has_figures else 7,
            self.identify: 4,
            self.profile: tells,
            self.audience: tells,
            self.alias: 2,
            self.page: 8 if self.tells_profiles else 2,
            self.membership: 10 if self.tells_profiles else 3,
            self.engage: 1,
            self.system: 1,
            self.nonsense: 1,
        }

    # ---- identifiers ------------------------------------------------------------------------

    def user(self) -> Any:
        if self.rng.random() < 0.08:
            return self.rng.choice([*BLOCKED, None, ""])
        # The first users carry most messages, so that devices are shared and handed over.
        return self.rng.choice(self.users[:2] * 3 + self.users)

    def device(self) -> Any:
        if self.rng.random() < 0.08:
            return self.rng.choice([*BLOCKED, None, ""])
        if self.rng.random() < 0.03:
            return str(self.rng.choice(self.users))  # one value, two types
        return self.rng.choice(self.devices)

    def sign(self, payload: Payload) -> None:
        chance = self.rng.random()
        if self.has_kiosks and chance < 0.8:
            payload["userId"], payload["anonymousId"] = self.rng.choice(self.users), self.device()
        elif chance < 0.55:
            payload["anonymousId"] = self.device()
        elif chance < 0.75:
            payload["userId"] = self.user()
        elif chance < 0.99:
            payload["userId"], payload["anonymousId"] = self.user(), self.device()

    def visitor(self) -> Any:
        number = self.number + self.rng.randint(1, 3)
        usual = self.rng.choice(
            [
                number,
                number,
                str(number),
                float(number),
                f"{self.prefix}-v1",
                True,
                False,
                {"id": number},
                [number],
                None,
                "",
                "undefined",
            ]
        )
        if usual != number or isinstance(usual, str) or self.odd.random() > 0.3:
            return usual
        # Fractions that differ past their tenth digit, and numbers of one value in two types.
        return self.odd.choice(
            [number / 1e17, number / 1e22, number * 10**10, number * 1e10, number * 1e290]
        )

    def email(self) -> Any:
        address = f"{self.prefix}-{self.rng.choice(['ann', 'bob'])}@example.com"
        return self.rng.choice([address, address, f" {address.upper()} ", None, "", "null"])

    def traits(self) -> Payload:
        traits: Payload = {}
        if self.rng.random() < 0.6:
            traits["mutinyVisitorId"] = self.visitor()
        if self.rng.random() < 0.4:
            traits["email"] = self.email()
        if self.rng.random() < 0.2:
            traits["Email"] = self.email()
        if self.rng.random() < 0.3:
            traits |= self.told()
        return traits

    # ---- calls ------------------------------------------------------------------------------

    def identify(self) -> Payload:
        traits: Any = self.traits()
        if self.rng.random() < 0.03:
            traits = self.rng.choice(["none", [1], None])
        return {"type": "identify", "traits": traits}

    def alias(self) -> Payload:
        previous = self.rng.choice(
            [self.user(), self.user(), self.device(), self.device(), f"{self.prefix}-p1", ""]
        )
        payload: Payload = {"type": "alias", "previousId": previous}
        if isinstance(previous, int):
            payload["previousId"] = str(previous)
        chance = self.rng.random()
        if chance < 0.8:
            payload["userId"] = self.user()
        if chance > 0.6:
            payload["anonymousId"] = self.device()
        if chance < 0.03:
            payload["userId"] = None
        return payload

    def page(self) -> Payload:
        kind = self.rng.choice(["page", "page", "screen"])
        return {"type": kind, "name": self.rng.choice(["Pricing", "Pricing", "Home", None])}

    def view(self) -> Payload:
        properties: Payload = {
            "experience": f"{self.prefix} {self.rng.choice(['Homepage', 'Homepage', 'Pricing'])}",
            "audienceSegment": self.rng.choice(SEGMENTS[: self.rng.randint(1, 4)]),
            "personalized": self.rng.choice([True, False]),
            "variation": self.rng.choice(["Hero", "", "control"]),
        }
        chance = self.rng.random()
        if chance < 0.08:
            properties["personalized"] = str(properties["personalized"]).lower()
        elif chance < 0.12:
            properties["personalized"] = self.rng.choice([1, 0, "yes", "True", None, {}])
        elif chance < 0.15:
            properties[self.rng.choice(["experience", "audienceSegment"])] = None
        elif chance < 0.18:
            del properties[self.rng.choice(["experience", "audienceSegment", "personalized"])]
        elif chance < 0.20:
            properties[RESERVED_IN[int(chance * 10_000) % 3]] = RESERVED[int(chance * 100_000) % 3]
        payload: Payload = {
            "type": "track",
            "event": "Mutiny Experience Viewed",
            "properties": properties,
        }
        if chance > 0.99:
            payload["properties"] = self.rng.choice(["none", [], None])
        return payload

    def conversion(self) -> Payload:
        if self.rng.random() < 0.4:
            return {"type": "track", "event": self.rng.choice(["Signed Up", "SignedUp"])}
        order = self.number + self.rng.randint(1, 4)
        properties = {
            "revenue": self.rng.choice(
                [
                    10,
                    10,
                    25.5,
                    0,
                    -3,
                    0.00005,
                    12.34565,
                    19.99,
                    "10",
                    None,
                    True,
                    2_000_000_000,
                    1_000_000_000,
                    -1_000_000_000,
                ]
            ),
            "order_id": self.rng.choice(
                [
                    order,
                    order,
                    str(order),
                    float(order),
                    order / 10**17,  # alike in all but the last of many digits
                    f"{self.prefix}-o",
                    None,
                    "",
                ]
            ),
            "currency": self.rng.choice(["USD", "USD", "usd", " Usd ", "", None]),
        }
        if self.rng.random() < 0.05:
            properties["currency"] = "EUR"
        if self.rng.random() < 0.3:
            del properties[self.rng.choice(sorted(properties))]
        event = self.rng.choice(["Order Completed", "Order Completed", "order_completed"])
        if self.rng.random() < 0.12:
            event = "Order Refunded"
        return {"type": "track", "event": event, "properties": properties}

    def engage(self) -> Payload:
        payload = self.rng.choice([self.identify, self.view, self.alias, self.conversion])()
        payload["context"] = {
            "personas": {"computation_class": "audience", "computation_key": "recent_buyers"}
        }
        if self.rng.random() < 0.2:
            payload["context"] = {"personas": self.rng.choice(["none", None, [], {}])}
        if self.rng.random() < 0.6:
            key = self.rng.choice(["userId", "anonymousId"])
            payload[key] = f"{self.prefix}-e{self.rng.randint(1, 2)}"
        return payload

    def system(self) -> Payload:
        payload = self.rng.choice(
            [
                {"type": "track", "event": "Violation Generated"},
                {"type": "track", "event": "Segment Consent Preference Updated"},
                {"type": "delete"},
            ]
        )
        if self.rng.random() < 0.4:
            payload["userId"] = f"{self.prefix}-s1"
        return dict(payload)

    def nonsense(self) -> Payload:
        payloads: list[Payload] = [
            {"type": "Track", "event": "Signed Up"},
            {"type": None, "event": "Signed Up"},
            {"event": "Signed Up"},
            {"type": "track", "event": "Signed Up", "userId": None, "anonymousId": ""},
            {"type": "alias", "userId": "", "previousId": f"{self.prefix}-p2"},
            {"type": "alias", "userId": "", "previousId": ""},
            {"type": "track", "event": None},
            {"type": "track", "event": "Signed Up", "userId": "undefined"},
        ]
        return dict(self.rng.choice(payloads))

    # ---- context ----------------------------------------------------------------------------

    def frame(self, context: Payload) -> None:
        chance = self.rng.random()
        if chance < 0.04:
            context["userAgent"] = "Mozilla/5.0 (compatible; bot/1.0)"
        elif chance < 0.06:
            context["userAgent"] = "Bottle/1.0"  # case-sensitive: no bot
        if self.rng.random() < 0.3:
            context.setdefault("groupId", self.account_in_context())
        if self.rng.random() < 0.15:
            context["consent"] = self.rng.choice(
                [
                    {},
                    "given",
                    {"categoryPreferences": {}},
                    {"categoryPreferences": None},
                    {"categoryPreferences": {"Advertising": True}},
                    {"categoryPreferences": {"Advertising": True, "Functional": True}},
                    {"categoryPreferences": {"Advertising": True, "Functional": "true"}},
                    {"categoryPreferences": {"Advertising": False, "Functional": True}},
                ]
            )

    def integrations(self) -> Any:
        if self.rng.random() < 0.8:
            return None
        return self.rng.choice(
            [
                {},
                {"All": False},
                {"All": False, "Mutiny": True},
                {"All": False, "Mutiny": {}},
                {"All": {}},
                {"All": False, "mutiny": True},
                {"Mutiny": False},
                {"Mutiny": None},
                {"Mutiny": "true"},
                {"Mutiny": 1},
                {"All": False, "Split": {}, "Mixpanel": True},
                {"Markettailor": True, "Abmatic": False},
                {"Split": False, "Mixpanel": False, "Mixpanel (Actions)": {}},
                ["Mutiny"],
                "All",
            ]
        )
