"""What the messages of a random world say of traits and audiences, and the rules over them."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from tests.warehouse.oracle.entries import Trigger
from tests.warehouse.oracle.rules import Compare, Count, Every, InAudience, Not, Segment, Some
from tests.warehouse.oracle.settings import Audience
from tests.warehouse.world_accounts import Payload

# Few values of many kinds: equal ones in two spellings, and pairs that only look equal.
TRAITS: dict[str, list[Any]] = {
    "employees": [40, 40, 40.0, "40", 49.5, 50, -1, 0, 0.00005, True, None],
    "Employees": [40, None],
    "industry": ["Finance", "Finance", "finance", "SaaS", "", "null", "Übrige / alle", None],
    "beta_testers": [True, False, "true", "false", 1, "yes", None],
    "is_admin": [True, False, None],
    "tags/all~": [["a", "b"], ["b", "a"], [], "a", None],
    "company": [{"name": "A", "size": None}, {"size": None, "name": "A"}, {"name": "A"}, {}, None],
}
AUDIENCES = ("recent_buyers", "recent_buyers", "vip")
STATES = (True, True, True, True, False, False, False, "true", "false", None, None, 1, "yes")
CLASSES = ("audience",) * 6 + ("trait", "journey_step", None, 1)


class TraitCalls:
    """Payloads that say the same few things of persons, and take them back."""

    rng: Random
    prefix: str
    cached: Payload

    def told(self) -> Payload:
        """Some traits anew, or what was last said all over again, as browsers do."""
        if self.cached and self.rng.random() < 0.3:
            return dict(self.cached)
        keys = self.rng.sample(sorted(TRAITS), self.rng.randint(1, 3))
        traits = {key: self.rng.choice(TRAITS[key]) for key in keys}
        self.cached |= traits
        return traits

    def profile(self) -> Payload:
        """An identify call that names nobody but who sends it."""
        return {"type": "identify", "traits": self.told()}

    def audience(self) -> Payload:
        """What Engage sends; now and then of somebody it alone has ever heard of."""
        call = self.rng.choice([self._identify, self._identify, self._track, self._computed])
        payload = call()
        if self.rng.random() < 0.25:
            key = self.rng.choice(["userId", "anonymousId"])
            payload[key] = f"{self.prefix}-e{self.rng.randint(1, 2)}"
        return payload

    def _identify(self) -> Payload:
        key = self.rng.choice(AUDIENCES)
        traits = {key: self.rng.choice(STATES)}
        if self.rng.random() < 0.2:
            traits["is_admin"] = self.rng.choice(STATES)
        return {"type": "identify", "traits": traits, "context": self._computation(key)}

    def _track(self) -> Payload:
        key = self.rng.choice(AUDIENCES)
        properties: Payload = {"audience_key": key}
        if self.rng.random() < 0.8:
            properties[key] = self.rng.choice(STATES)
        event = self.rng.choice(["Audience Entered", "Audience Exited", "Member Changed"])
        return {
            "type": "track",
            "event": event,
            "properties": properties,
            "context": self._computation(key),
        }

    def _computed(self) -> Payload:
        traits = {
            "total_revenue": self.rng.choice([450, 450.0, 399.99, 12.5, None]),
            "is_admin": self.rng.choice([True, False]),
        }
        personas = {"computation_class": "trait", "computation_key": "total_revenue"}
        return {"type": "identify", "traits": traits, "context": {"personas": personas}}

    def _computation(self, key: str) -> Payload:
        if self.rng.random() < 0.03:
            return {}  # what anybody may send
        personas: Payload = {"computation_class": self.rng.choice(CLASSES)}
        if self.rng.random() < 0.7:
            personas["computation_key"] = key
        elif self.rng.random() < 0.3:
            personas["computation_key"] = self.rng.choice([None, "", "aud_1", ["vip"]])
        return {"personas": personas}


LISTED = (Audience(name="Beta Testers"), Audience(name="Nobody Ever", key="never_seen"))

_PAGE = Trigger(type="page")
_ORDER = Trigger(event="Order Completed")
_PRICING = Trigger(type="page", name="Pricing")
_SHORT, _LONG = timedelta(days=2), timedelta(days=7)


def trait(name: str, op: str, value: Any) -> Compare:
    return Compare("trait", name, op, value)


def account(name: str, op: str, value: Any) -> Compare:
    return Compare("account", name, op, value)


# Every predicate, every operator, what holds of strangers and what does not.
RULES = (
    Segment("small_company", Every((trait("employees", "<", 50), trait("employees", ">", -1)))),
    Segment("not_in_finance", Some((trait("industry", "!=", "Finance"),))),
    Segment(
        "typed",
        Some((
            trait("industry", "in", ("SaaS", "null", "")),
            trait("employees", "in", (50, True)),
            trait("employees", "=", "40"),
            trait("beta_testers", "=", 1),
        )),
    ),
    Segment(
        "textual",
        Some((
            trait("industry", "contains", "inanc"),
            trait("industry", "match", "[!F]*a?S"),
            trait("industry", "match", "* / *"),
        )),
    ),
    Segment(
        "nothing_said",
        Every((
            trait("industry", "=", None),
            Not(trait("is_admin", "!=", None)),
            Some((trait("tags/all~", "!=", "a"), trait("company", "!=", None))),
        )),
    ),
    Segment("buyers", Every((InAudience("recent_buyers"), Not(InAudience("beta_testers"))))),
    Segment("valuable", Some((InAudience("vip"), trait("total_revenue", ">=", 450)))),
    Segment("administrators", Some((InAudience("is_admin"), InAudience("never_seen")))),
    Segment("customers", Every((account("plan", "=", "pro"), account("employees", "!=", 40.5)))),
    Segment("large_accounts", Some((account("employees", ">=", 40), account("plan", ">", 1)))),
    Segment(
        "not_customers",
        Not(Some((account("plan", "in", ("pro", "free")), account("is/active~", "=", True)))),
    ),
    Segment(
        "accounts_apart",
        Some((
            account("plan", "!=", "free"),
            Every((account("Plan", "=", None), account("total billed", "<=", 0))),
        )),
    ),
    Segment("engaged", Every((Count(_PAGE, ">=", 2, _LONG),))),
    Segment("once_now", Every((Count(_PAGE, "=", 1, _SHORT), Count(_ORDER, ">", 0)))),
    Segment("quiet", Every((Count(_PAGE, "<", 1, _SHORT), Count(_PRICING, "<=", 1)))),
    Segment("more_or_less", Some((Count(_ORDER, "!=", 1, _LONG), Not(Count(_PAGE, ">=", 0))))),
    Segment(
        "mixed",
        Some((
            Every((
                Not(Every((trait("employees", "<=", 40), InAudience("recent_buyers")))),
                Some((account("plan", "match", "p?o"), Count(_PRICING, "=", 2))),
            )),
            Every((trait("is_admin", "=", True), Not(Count(_PRICING, ">=", 1, _LONG)))),
        )),
    ),
)  # fmt: skip
